//! A verified access token for our API.

use std::ops::Deref;

use super::VerifiedClaims;

/// A verified access token for our API: who calls. It may carry neither scopes nor roles; a policy
/// that asks for nothing more than a caller should refuse it then (Entra "access tokens").
#[derive(Debug)]
pub struct AccessToken(VerifiedClaims);

/// On whose behalf a caller calls.
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

impl Deref for AccessToken {
    type Target = VerifiedClaims;

    fn deref(&self) -> &VerifiedClaims {
        &self.0
    }
}
