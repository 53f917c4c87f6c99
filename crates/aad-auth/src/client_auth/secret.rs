//! Checks client secrets.

use crate::secret::{ExposeSecret, Secret};

use super::CredentialError;

/// The maximum length of a client secret. Entra's have 40 characters.
const MAX_LENGTH: usize = 1024;

/// Refuses a text that cannot be a client secret (RFC 6749 appendix A.2: visible ASCII and blank).
pub(super) fn check(secret: &Secret) -> Result<(), CredentialError> {
    let text = secret.expose_secret();
    let visible = |byte: u8| (0x20..0x7f).contains(&byte);
    if text.is_empty() {
        Err(CredentialError::Missing)
    } else if text.len() > MAX_LENGTH || !text.bytes().all(visible) || text.trim() != text {
        Err(CredentialError::MalformedSecret)
    } else {
        Ok(())
    }
}
