//! The two values of `Cache-Control` of static files.

/// For an address with the hash of its content: it never means another content.
pub(super) const FOREVER: &str = "public, max-age=31536000, immutable";
/// For any other address: caches keep the file, but ask each time whether it has changed.
pub(super) const REVALIDATE: &str = "public, no-cache";
