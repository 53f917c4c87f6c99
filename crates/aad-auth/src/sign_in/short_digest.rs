//! Digests of 16 bytes, for binding cookies, codes and keys of claims.

use aws_lc_rs::digest;

/// The digest of a binding cookie, in an attempt: see [`short_digest`].
pub(crate) type BindingDigest = [u8; 16];

/// The digest of an authorization code: see [`short_digest`].
pub(super) type CodeDigest = [u8; 16];

/// The first 16 bytes of SHA-256 of `bytes`.
pub(crate) fn short_digest(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&digest::digest(&digest::SHA256, bytes).as_ref()[..16]);
    short
}
