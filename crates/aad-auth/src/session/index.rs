//! Which sessions a user has, and which sessions belong to a session at the provider.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::id::store_key;
use crate::{
    clock::Timestamp,
    seal::{Generation, Keys, SealPurpose},
    store::{Key, StoreError},
    validation::UserKey,
};

/// One session of a user, as "your sessions" shows it. Sealed under the application's key.
#[derive(Clone, Deserialize, Serialize)]
#[non_exhaustive]
pub struct SessionEntry {
    /// The public name of the session.
    pub handle: String,
    /// Browser and system, as far as they could be told.
    pub device: Option<String>,
    /// When the session began.
    pub first_seen: Timestamp,
    /// When it was last used, to within a twentieth of the idle limit.
    pub last_seen: Timestamp,
    /// The digest of the session's id.
    pub(super) digest: [u8; 32],
    /// A new sign-in has replaced it; it answers a moment longer.
    #[serde(default)]
    pub(super) retired: bool,
    /// Whose session it is at the provider: a sign-out there ends only what is its own.
    #[serde(default)]
    pub(super) iss: Box<str>,
    #[serde(default)]
    pub(super) sub: Box<str>,
}

/// Without device and subject: both speak of a person.
impl fmt::Debug for SessionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEntry")
            .field("handle", &self.handle)
            .field("first_seen", &self.first_seen)
            .field("last_seen", &self.last_seen)
            .finish_non_exhaustive()
    }
}

/// What an index is by. The store sees only a keyed digest of it.
pub(super) enum IndexBy<'a> {
    User(&'a UserKey),
    /// By `sid` alone: Entra ID's front channel names no issuer. The entries do.
    ProviderSession {
        sid: &'a str,
    },
}

impl IndexBy<'_> {
    /// The set's key under the generation that seals.
    pub(super) fn key(&self, keys: &Keys) -> Result<Key, StoreError> {
        self.key_under(keys.current(), keys)
    }

    /// The set's key under every generation: entries written before a rotation count too.
    pub(super) fn all_keys(&self, keys: &Keys) -> Result<Vec<Key>, StoreError> {
        let generations = keys.generations().iter();
        generations
            .map(|generation| self.key_under(generation, keys))
            .collect()
    }

    fn key_under(&self, generation: &Generation, keys: &Keys) -> Result<Key, StoreError> {
        store_key(keys.label(), "i", &self.digest_under(generation))
    }

    /// The keyed digest by which the store knows the set.
    pub(super) fn digest_under(&self, generation: &Generation) -> [u8; 32] {
        let (kind, first, second) = match self {
            Self::User(user) => parts(user),
            Self::ProviderSession { sid } => ("provider session", *sid, ""),
        };
        let context = serde_json::to_vec(&(kind, first, second)).unwrap_or_default();
        generation.derive(SealPurpose::IndexName, &context)
    }
}

/// The two parts of a user's key, with what kind they are: for digests.
pub(super) fn parts(user: &UserKey) -> (&'static str, &str, &str) {
    match user {
        UserKey::Directory { tid, oid } => ("directory", tid.as_str(), oid.as_str()),
        UserKey::Subject { iss, sub } => ("subject", iss, sub.as_str()),
    }
}

pub(super) fn member_name(digest: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_subject_nor_device() {
        let entry = SessionEntry {
            handle: "handle".into(),
            device: Some("canary".into()),
            first_seen: Timestamp::default(),
            last_seen: Timestamp::default(),
            digest: [0; 32],
            retired: false,
            iss: "canary".into(),
            sub: "canary".into(),
        };
        let shown = format!("{entry:?}");
        assert!(
            shown.contains("handle") && !shown.contains("canary"),
            "{shown}"
        );
    }
}
