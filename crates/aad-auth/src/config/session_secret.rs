//! A value for `AAD_SESSION_SECRET`.

use crate::random::{self, SystemRandom};

/// A new value for `AAD_SESSION_SECRET`: 64 random bytes in base64url, without padding. Sessions that
/// were sealed under another value end.
///
/// ```
/// use aad_auth::config::{Source, new_session_secret};
///
/// let mut source = Source::new();
/// if source.get("AAD_SESSION_SECRET").is_none() {
///     source.set("AAD_SESSION_SECRET", new_session_secret());
/// }
/// # assert_eq!(source.get("AAD_SESSION_SECRET").unwrap().len(), 86);
/// ```
pub fn new_session_secret() -> String {
    random::token::<64>(&SystemRandom)
}
