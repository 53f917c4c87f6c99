//! The last known good metadata and keys, which a restart restores.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    KeySet, Metadata, ProviderSettings,
    held_keys::{HeldKeys, KEY_LIFETIME},
};
use crate::clock::Timestamp;

/// The held metadata and keys.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) metadata: Option<HeldMetadata>,
    pub(crate) keys: Arc<HeldKeys>,
}

#[derive(Clone, Debug)]
pub(crate) struct HeldMetadata {
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) document: Arc<str>,
    pub(crate) loaded_at: Timestamp,
}

impl HeldMetadata {
    /// Whether the metadata is young enough. It expires like a key: the provider may have changed it.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        now < self.loaded_at + KEY_LIFETIME
    }
}

/// The snapshot cannot be used. The provider loads metadata and keys instead.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the stored provider snapshot is unreadable, or belongs to another authority")]
pub struct SnapshotError;

const VERSION: u8 = 2;

#[derive(Deserialize, Serialize)]
struct StoredSnapshot {
    version: u8,
    authority: String,
    metadata: Option<StoredMetadata>,
    keys: Vec<StoredKey>,
}

#[derive(Deserialize, Serialize)]
struct StoredMetadata {
    document: String,
    loaded_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
struct StoredKey {
    members: Vec<Value>,
    seen_at: Timestamp,
}

impl Snapshot {
    pub(crate) fn export(&self, authority: String) -> Vec<u8> {
        let stored = StoredSnapshot {
            version: VERSION,
            authority,
            metadata: self.metadata.as_ref().map(|held| StoredMetadata {
                document: held.document.to_string(),
                loaded_at: held.loaded_at,
            }),
            keys: self
                .keys
                .all()
                .map(|held| StoredKey {
                    members: held.key.members.clone(),
                    seen_at: held.seen_at,
                })
                .collect(),
        };
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    /// Reads a snapshot under the rules for the provider's answers. Ages continue, and expired entries
    /// are dropped.
    pub(crate) fn import(
        bytes: &[u8],
        settings: &ProviderSettings,
        now: Timestamp,
    ) -> Result<Self, SnapshotError> {
        let stored: StoredSnapshot = serde_json::from_slice(bytes).map_err(|_| SnapshotError)?;
        if stored.version != VERSION || stored.authority != settings.snapshot_label() {
            return Err(SnapshotError);
        }
        let metadata = stored
            .metadata
            .and_then(|stored| {
                let metadata = settings.parse_metadata(stored.document.as_bytes()).ok()?;
                Some(HeldMetadata {
                    metadata: Arc::new(metadata),
                    document: stored.document.into(),
                    loaded_at: stored.loaded_at.min(now),
                })
            })
            .filter(|held| held.is_alive(now));
        let mut keys = HeldKeys::default();
        for stored in stored.keys.into_iter().take(super::MAX_KEYS) {
            let seen_at = stored.seen_at.min(now);
            let parsed = KeySet::from_members(stored.members, settings.algorithms);
            for key in parsed.keys {
                if now < seen_at + KEY_LIFETIME {
                    keys.restore(key, seen_at);
                }
            }
        }
        Ok(Self {
            metadata,
            keys: Arc::new(keys),
        })
    }
}
