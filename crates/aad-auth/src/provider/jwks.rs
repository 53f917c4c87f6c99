//! The key set (RFC 7517 section 5), read key by key.

use serde::Deserialize;
use serde_json::Value;

use super::{VerificationKey, jwk};
use crate::config::SigningAlgorithms;

/// The usable keys of a key set document. A malformed, weak or foreign key is skipped and
/// counted: it must not take the good ones with it (RFC 7517 section 5; abuse A25).
#[derive(Debug)]
pub struct KeySet {
    /// The usable keys; each `kid` once: of several keys with one `kid` the first usable one.
    pub keys: Vec<VerificationKey>,
    /// How many members were not used.
    pub skipped: usize,
}

/// At most this many keys are kept, so that a provider gone wrong costs bounded memory and time.
pub const MAX_KEYS: usize = 256;

/// The document is not a key set at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Not a JSON object with an array `keys`.
    #[error("the provider's key set is not valid JSON with a list of keys")]
    Malformed,
    /// There is no usable key in it.
    #[error(
        "the provider's key set has no usable key: RSA keys of 2048 to 8192 bits are used, \
         others need AAD_SIGNING_ALGORITHMS"
    )]
    Empty,
}

impl KeySet {
    /// Reads a key set document. The caller has capped its size.
    ///
    /// # Errors
    /// When it is no key set, or holds no usable key.
    pub fn parse(document: &[u8], algorithms: SigningAlgorithms) -> Result<Self, KeySetError> {
        let document: Document =
            serde_json::from_slice(document).map_err(|_| KeySetError::Malformed)?;
        let set = Self::from_members(document.keys, algorithms);
        if set.keys.is_empty() {
            return Err(KeySetError::Empty);
        }
        Ok(set)
    }

    pub(crate) fn from_members(members: Vec<Value>, algorithms: SigningAlgorithms) -> Self {
        let published = members.len();
        let mut keys: Vec<VerificationKey> = Vec::new();
        for member in members {
            if keys.len() == MAX_KEYS {
                break;
            }
            if let Some(key) = jwk::parse(member, algorithms)
                && !keys
                    .iter()
                    .any(|other| key.kid.is_some() && other.kid == key.kid)
            {
                keys.push(key);
            }
        }
        let skipped = published - keys.len();
        Self { keys, skipped }
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}
