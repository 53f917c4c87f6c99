//! A verified ID token.

use std::ops::Deref;

use super::VerifiedClaims;

/// A verified ID token: the user who signed in.
#[derive(Debug)]
pub struct IdToken(VerifiedClaims);

impl IdToken {
    pub(super) const fn new(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// The opaque hint for the next sign-in or sign-out (`login_hint`).
    pub fn login_hint(&self) -> Option<&str> {
        self.0.claims().login_hint.as_deref()
    }

    /// The user flow of the sign-in (`tfp`; older user flows: `acr`).
    pub fn user_flow(&self) -> Option<&str> {
        let claims = self.0.claims();
        claims.tfp.as_deref().or(claims.acr.as_deref())
    }
}

impl Deref for IdToken {
    type Target = VerifiedClaims;

    fn deref(&self) -> &VerifiedClaims {
        &self.0
    }
}
