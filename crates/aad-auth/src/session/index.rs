//! The indexes of sessions: their entries, and the keys of their sets.

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

/// An index entry: one session of a user, for lists of sessions. Stored sealed.
///
/// ```
/// use aad_auth::{Auth, User, store::StoreError};
///
/// /// The devices of a user, the last used one first.
/// async fn devices(auth: &Auth, user: &User) -> Result<Vec<String>, StoreError> {
///     let mut entries = auth.sessions().list(user.key()).await?;
///     entries.sort_by_key(|entry| std::cmp::Reverse(entry.last_seen));
///     Ok(entries.into_iter().filter_map(|entry| entry.device).collect())
/// }
/// ```
#[derive(Clone, Deserialize, Serialize)]
#[non_exhaustive]
pub struct SessionEntry {
    /// The public name of the session.
    pub handle: String,
    /// Browser and operating system, from `User-Agent`. `None` when unknown.
    pub device: Option<String>,
    /// When the session began.
    pub first_seen: Timestamp,
    /// When it was last used, to within 1/20 of the idle timeout.
    pub last_seen: Timestamp,
    /// The digest of the session's id.
    pub(super) digest: [u8; 32],
    /// Whether a new sign-in has replaced it, so that it ends within a minute.
    #[serde(default)]
    pub(super) retired: bool,
    /// Issuer and subject, so that a sign-out at the provider ends only sessions of its own user.
    #[serde(default)]
    pub(super) iss: Box<str>,
    #[serde(default)]
    pub(super) sub: Box<str>,
}

/// Omits device and subject: both identify a person.
impl fmt::Debug for SessionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEntry")
            .field("handle", &self.handle)
            .field("first_seen", &self.first_seen)
            .field("last_seen", &self.last_seen)
            .finish_non_exhaustive()
    }
}

/// The subject of an index set. The store has only a keyed digest of it.
pub(super) enum IndexBy<'a> {
    User(&'a UserKey),
    /// Identified by `sid` alone: Entra ID's front channel names no issuer. The entries name it.
    ProviderSession {
        sid: &'a str,
    },
}

impl IndexBy<'_> {
    /// The key of the set under the current key generation.
    pub(super) fn key(&self, keys: &Keys) -> Result<Key, StoreError> {
        self.key_under(keys.current(), keys)
    }

    /// The keys of the set under all generations: entries from before a rotation count too.
    pub(super) fn all_keys(&self, keys: &Keys) -> Result<Vec<Key>, StoreError> {
        let generations = keys.generations().iter();
        generations
            .map(|generation| self.key_under(generation, keys))
            .collect()
    }

    fn key_under(&self, generation: &Generation, keys: &Keys) -> Result<Key, StoreError> {
        store_key(keys.label(), "i", &self.digest_under(generation))
    }

    /// The keyed digest that names the set in the store.
    pub(super) fn digest_under(&self, generation: &Generation) -> [u8; 32] {
        let (kind, first, second) = match self {
            Self::User(user) => user_key_parts(user),
            Self::ProviderSession { sid } => ("provider session", *sid, ""),
        };
        let context = serde_json::to_vec(&(kind, first, second)).unwrap_or_default();
        generation.derive(SealPurpose::IndexName, &context)
    }
}

/// The kind of a user's key and its two parts, for digests.
pub(super) fn user_key_parts(user: &UserKey) -> (&'static str, &str, &str) {
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
