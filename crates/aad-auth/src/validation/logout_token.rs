//! A verified logout token.

use std::time::Duration;

use super::{Claims, NumericDate, Sub, UserKey, VerifiedClaims};
use crate::clock::Timestamp;

/// A verified logout token (OpenID Connect Back-Channel Logout 1.0): whose sessions end. At least
/// one of `sub` and `sid` is there. The caller remembers `jti` until `expires_at`, and ignores one
/// that comes again.
#[derive(Debug)]
pub struct LogoutToken(VerifiedClaims);

impl LogoutToken {
    pub(super) const fn new(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// The issuer, without which neither `sub` nor `sid` means anything.
    pub fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// The user all of whose sessions end, unless a session is named.
    pub const fn sub(&self) -> Option<&Sub> {
        self.0.sub()
    }

    /// The key of that user. `None` when the token does not tell: at Entra ID a subject alone is
    /// none.
    pub fn user_key(&self) -> Option<UserKey> {
        self.0.user_key()
    }

    /// The session that ends.
    pub fn sid(&self) -> Option<&str> {
        self.0.sid()
    }

    /// The token's id.
    pub fn jti(&self) -> &str {
        self.0.claims().jti.as_deref().unwrap_or_default()
    }

    /// When it expires, without leeway.
    pub fn expires_at(&self) -> Timestamp {
        expiry(self.0.claims()).unwrap_or_default()
    }
}

/// `exp`; without one, [`LIFE_WITHOUT_EXPIRY`] after `iat`. Back-Channel Logout 1.0 demands `exp`, drafts
/// before its final text did not, and Ory Hydra sends none.
pub(super) fn expiry(claims: &Claims) -> Option<Timestamp> {
    let said = claims.exp.map(NumericDate::timestamp);
    said.or_else(|| Some(claims.iat?.timestamp() + LIFE_WITHOUT_EXPIRY))
}

/// What section 2.4 of Back-Channel Logout 1.0 recommends at the most.
const LIFE_WITHOUT_EXPIRY: Duration = Duration::from_secs(120);
