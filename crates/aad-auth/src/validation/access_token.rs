//! A verified access token for the application's API.

use serde_json::{Map, Value};

use super::{Oid, Sub, Tid, UserKey, VerifiedClaims};
use crate::{clock::Timestamp, secret::Pii};

/// A verified access token for the application's API. It may carry neither scopes nor roles: then a
/// policy that requires no more than a caller should refuse it (Entra "access tokens").
///
/// ```
/// use aad_auth::{AccessToken, CallerKind};
///
/// fn describe(token: &AccessToken) -> String {
///     let client = token.client_id().unwrap_or("unknown");
///     match token.kind() {
///         CallerKind::Delegated => format!("client {client} on behalf of a user"),
///         CallerKind::Application => format!("client {client} on its own behalf"),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct AccessToken(VerifiedClaims);

/// Whether a client calls on behalf of a user.
///
/// See [`AccessToken`] for an example.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallerKind {
    /// The client calls on behalf of a user. Scopes count.
    Delegated,
    /// The client calls on its own behalf. Application roles count.
    Application,
}

impl AccessToken {
    pub(super) const fn new(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// An unverified token of Entra ID, for tests.
    #[cfg(test)]
    pub(crate) fn with_claims(payload: &[u8]) -> Self {
        let provider = super::ProviderKind::Entra;
        Self::with_claims_of(provider, crate::config::RolesClaim::standard(), payload)
    }

    /// An unverified token of any provider, for tests.
    #[cfg(test)]
    pub(crate) fn with_claims_of(
        provider: super::ProviderKind,
        roles: &crate::config::RolesClaim,
        payload: &[u8],
    ) -> Self {
        let context = super::ClaimsContext {
            kind: super::TokenKind::Access,
            provider,
            roles,
        };
        let claims = super::Claims::parse(payload, context).unwrap();
        Self(VerifiedClaims::new(Box::new(claims), payload.into(), true))
    }

    /// Whether the client calls on behalf of a user.
    pub fn kind(&self) -> CallerKind {
        if self.0.claims().is_application() {
            CallerKind::Application
        } else {
            CallerKind::Delegated
        }
    }

    /// Delegated permissions (`scp`, or `scope` by RFC 9068). In the token of a client that calls on its
    /// own behalf ([`Self::kind`]) policies ignore them: no user has delegated them.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let scopes = self.0.claims().scopes.as_deref().unwrap_or_default();
        scopes.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether the token grants a permission: a scope in a user's token, a role in a client's own token
    /// (Entra "access tokens"). At Entra ID and Azure AD B2C only the app roles in `roles` count: groups
    /// and other claims of `AAD_ROLES_CLAIM` are no assignment to this API.
    pub fn grants_anything(&self) -> bool {
        match self.kind() {
            CallerKind::Delegated => self.scopes().next().is_some(),
            CallerKind::Application => self.0.claims().granted_roles,
        }
    }

    /// Whether [`Self::scopes`] has `scope`.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|one| one == scope)
    }

    /// The client that requested the token (`azp`, `appid`, `client_id`).
    pub fn client_id(&self) -> Option<&str> {
        let claims = self.0.claims();
        claims
            .azp
            .as_deref()
            .or(claims.appid.as_deref())
            .or(claims.client_id.as_deref())
    }

    /// Whether an authentication context (`acrs`) is satisfied.
    pub fn satisfies_auth_context(&self, id: &str) -> bool {
        self.0
            .auth_contexts()
            .iter()
            .any(|context| &**context == id)
    }

    /// Whether the client supports claims challenges (`xms_cc` with `cp1`). Other clients must get the
    /// plain error.
    pub fn handles_claims_challenges(&self) -> bool {
        self.0.claims().xms_cc.iter().any(|one| &**one == "cp1")
    }
}

/// What the token says of the caller.
impl AccessToken {
    /// The key under which to keep data of the user, or of the application that calls for itself.
    pub fn user_key(&self) -> Option<UserKey> {
        self.0.user_key()
    }

    /// The issuer (`iss`).
    pub fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// The subject (`sub`). With Entra it differs between the applications of one user.
    pub const fn sub(&self) -> Option<&Sub> {
        self.0.sub()
    }

    /// The tenant (`tid`); always there with an Entra authority.
    pub const fn tid(&self) -> Option<&Tid> {
        self.0.tid()
    }

    /// The object id (`oid`); always there with an Entra authority.
    pub const fn oid(&self) -> Option<&Oid> {
        self.0.oid()
    }

    /// The claim `name`. For display only: it changes, and is not unique.
    pub fn full_name(&self) -> Option<&str> {
        self.0.name().map(Pii::expose)
    }

    /// The claim `preferred_username`. For display only: it changes, and may be reassigned.
    pub fn user_name(&self) -> Option<&str> {
        self.0.preferred_username().map(Pii::expose)
    }

    /// The claim `email`. For display only: it may be unverified.
    pub fn email(&self) -> Option<&str> {
        self.0.email().map(Pii::expose)
    }

    /// App roles, from the claims that `AAD_ROLES_CLAIM` names.
    pub fn roles(&self) -> &[Box<str>] {
        self.0.roles()
    }

    /// Whether the caller may have roles that [`Self::roles`] does not list.
    pub const fn roles_are_incomplete(&self) -> bool {
        self.0.roles_are_incomplete()
    }

    /// Ids of directory roles (`wids`).
    pub fn directory_roles(&self) -> &[Box<str>] {
        self.0.directory_roles()
    }

    /// Object ids of the groups that the token lists.
    pub fn groups(&self) -> &[Box<str>] {
        self.0.groups().listed()
    }

    /// Whether the caller may be in groups that [`Self::groups`] does not list (overage).
    pub const fn groups_are_incomplete(&self) -> bool {
        self.0.groups().is_unknown()
    }

    /// Authentication contexts that are satisfied (`acrs`).
    pub fn auth_contexts(&self) -> &[Box<str>] {
        self.0.auth_contexts()
    }

    /// When the provider issued the token (`iat`).
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.0.issued_at()
    }

    /// When the token expires (`exp`), without `AAD_CLOCK_LEEWAY`.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at()
    }

    /// All claims as they were signed, for a page that shows them. Decide by the typed ones.
    pub fn claim_map(&self) -> Map<String, Value> {
        self.0.claim_map()
    }

    /// The verified claims behind it.
    pub(crate) const fn verified(&self) -> &VerifiedClaims {
        &self.0
    }
}
