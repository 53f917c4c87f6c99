//! A verified logout token.

use std::time::Duration;

use super::{Claims, NumericDate, Sub, UserKey, VerifiedClaims};
use crate::clock::Timestamp;

/// A verified logout token (OpenID Connect Back-Channel Logout 1.0). It has `sub`, `sid` or both. The caller
/// stores `jti` until `expires_at`, and ignores a repeated one.
#[derive(Debug)]
pub struct LogoutToken(VerifiedClaims);

impl LogoutToken {
    pub(super) const fn new(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// The issuer. `sub` and `sid` are unique only within it.
    pub fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// The user whose sessions end. With [`Self::sid`], only that session ends.
    pub const fn sub(&self) -> Option<&Sub> {
        self.0.sub()
    }

    /// The key of the user. `None` where the token does not identify one: at Entra ID a subject alone is no
    /// key.
    pub fn user_key(&self) -> Option<UserKey> {
        self.0.user_key()
    }

    /// The session that ends.
    pub fn sid(&self) -> Option<&str> {
        self.0.sid()
    }

    /// The token's id (`jti`).
    pub fn jti(&self) -> &str {
        self.0.claims().jti.as_deref().unwrap_or_default()
    }

    /// When it expires, without leeway.
    pub fn expires_at(&self) -> Timestamp {
        expiry(self.0.claims()).unwrap_or_default()
    }
}

/// `exp`, or [`LIFE_WITHOUT_EXPIRY`] after `iat`. Back-Channel Logout 1.0 requires `exp`. Its drafts did
/// not, and Ory Hydra sends none.
pub(super) fn expiry(claims: &Claims) -> Option<Timestamp> {
    let said = claims.exp.map(NumericDate::timestamp);
    said.or_else(|| Some(claims.iat?.timestamp() + LIFE_WITHOUT_EXPIRY))
}

/// The longest lifetime that section 2.4 of Back-Channel Logout 1.0 recommends.
const LIFE_WITHOUT_EXPIRY: Duration = Duration::from_secs(120);
