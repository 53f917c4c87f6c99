//! The key set (RFC 7517 section 5). Each key is read separately.

use serde::Deserialize;
use serde_json::Value;

use super::{VerificationKey, jwk, obstacle::remedy};
use crate::{config::SigningAlgorithms, transport::without_bom};

/// The usable keys of a key set document. A malformed, weak or unsupported key is skipped and counted,
/// and does not affect the others (RFC 7517 section 5; abuse A25).
#[derive(Debug)]
pub struct KeySet {
    /// The usable keys, each `kid` once. Of several keys with one `kid`, the first usable one counts for
    /// each algorithm.
    pub keys: Vec<VerificationKey>,
    /// The number of members that were skipped.
    pub skipped: usize,
}

/// The maximum number of keys, so that a faulty provider costs bounded memory and time.
pub const MAX_KEYS: usize = 256;

/// Why a key set document is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The document is not a JSON object with an array `keys`.
    #[error("the provider's key set is not valid JSON with a list `keys`")]
    Malformed,
    /// The document has no usable key.
    #[error(
        "the provider's key set has no usable key; it has {found}. AAD_SIGNING_ALGORITHMS can name \
         RS256 and PS256 (RSA keys of 2048 to 8192 bits) and ES256 (P-256), nothing else: {remedy}"
    )]
    Unusable {
        /// The algorithms of its keys, at most eight, or `no keys`.
        found: String,
        /// The setting that helps, or that none does.
        remedy: String,
    },
}

impl KeySet {
    /// Reads a key set document. The caller has limited its size.
    ///
    /// # Errors
    /// When the document is no key set, or has no usable key.
    pub fn parse(document: &[u8], algorithms: SigningAlgorithms) -> Result<Self, KeySetError> {
        let set = Self::from_members(members(document)?, algorithms);
        if set.keys.is_empty() {
            return Err(unusable(&members(document)?));
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
            let Some(key) = jwk::parse(member, algorithms) else {
                continue;
            };
            let namesake = keys
                .iter_mut()
                .find(|other| key.kid.is_some() && other.kid == key.kid);
            match namesake {
                Some(other) => other.absorb(key),
                None => keys.push(key),
            }
        }
        let used: usize = keys.iter().map(|key| key.members.len()).sum();
        let skipped = published - used;
        Self { keys, skipped }
    }
}

fn members(document: &[u8]) -> Result<Vec<Value>, KeySetError> {
    let document: Result<Document, _> = serde_json::from_slice(without_bom(document));
    Ok(document.map_err(|_| KeySetError::Malformed)?.keys)
}

fn algorithm_names(members: &[Value]) -> Vec<String> {
    let mut names: Vec<_> = members.iter().filter_map(jwk::algorithm_name).collect();
    names.sort();
    names.dedup();
    names.truncate(8);
    names
}

/// Finds the setting that would make one of the keys usable.
fn unusable(members: &[Value]) -> KeySetError {
    let helps = |name: &&str| {
        let only = SigningAlgorithms::parse(name);
        only.is_ok_and(|only| {
            members
                .iter()
                .any(|one| jwk::parse(one.clone(), only).is_some())
        })
    };
    let setting = SigningAlgorithms::ALL.names().find(helps);
    KeySetError::Unusable {
        found: match &*algorithm_names(members) {
            [] => "no keys".to_owned(),
            names => names.join(", "),
        },
        remedy: remedy(setting),
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}
