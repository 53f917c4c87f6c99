//! A verified logout token.

use super::{Sub, UserKey, VerifiedClaims};
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
        self.0.expires_at()
    }
}
