//! A verified access token for our API.

use serde_json::{Map, Value};

use super::{Oid, Sub, Tid, UserKey, VerifiedClaims};
use crate::{clock::Timestamp, secret::Pii};

/// A verified access token for our API: who calls. It may carry neither scopes nor roles; a policy
/// that asks for nothing more than a caller should refuse it then (Entra "access tokens").
#[derive(Debug)]
pub struct AccessToken(VerifiedClaims);

/// On whose behalf a caller calls. OAuth 2.0 knows these two kinds, so a `match` may be exhaustive.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallerKind {
    /// On a user's: scopes count.
    Delegated,
    /// On its own: application roles count.
    Application,
}

impl AccessToken {
    pub(super) const fn new(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// Unverified, for tests of what follows from a token's claims.
    #[cfg(test)]
    pub(crate) fn with_claims(payload: &[u8]) -> Self {
        let provider = super::ProviderKind::Entra;
        Self::with_claims_of(provider, crate::config::RolesClaim::standard(), payload)
    }

    /// The same of any provider, whose roles stand in these claims.
    #[cfg(test)]
    pub(crate) fn with_claims_of(
        provider: super::ProviderKind,
        roles: &crate::config::RolesClaim,
        payload: &[u8],
    ) -> Self {
        let reading = super::Reading {
            kind: super::TokenKind::Access,
            provider,
            roles,
        };
        let claims = super::Claims::parse(payload, reading).unwrap();
        Self(VerifiedClaims::new(Box::new(claims), payload.into(), true))
    }

    /// Whether it calls for a user or for itself.
    pub fn kind(&self) -> CallerKind {
        if self.0.claims().is_application() {
            CallerKind::Application
        } else {
            CallerKind::Delegated
        }
    }

    /// Delegated permissions (`scp`, or `scope` by RFC 9068). In the token of an application that
    /// calls for itself ([`Self::kind`]) nobody has delegated anything: policies do not count them.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let scopes = self.0.claims().scopes.as_deref().unwrap_or_default();
        scopes.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether it allows anything: scopes count in a user's token, roles in an application's
    /// (Entra "access tokens"). At Entra ID and Azure AD B2C these are the app roles in `roles`:
    /// groups and other claims that `AAD_ROLES_CLAIM` names show no assignment to this API.
    pub fn grants_anything(&self) -> bool {
        match self.kind() {
            CallerKind::Delegated => self.scopes().next().is_some(),
            CallerKind::Application => self.0.claims().granted_roles,
        }
    }

    /// Whether a delegated permission is among them.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|one| one == scope)
    }

    /// The client that asked for the token (`azp`, `appid`, `client_id`).
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

    /// Whether the client can handle a claims challenge (`xms_cc` with `cp1`); others must get
    /// the plain error.
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
