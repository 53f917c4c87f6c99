//! The held keys, each with the time when it was last published.

use std::{collections::HashMap, sync::Arc, time::Duration};

use foldhash::quality::RandomState;

use super::{KeySet, MAX_KEYS, VerificationKey};
use crate::clock::Timestamp;

/// How long a key stays in use after it was last published, also while the provider is away (Entra
/// "signing key rollover": 24 hours).
pub(crate) const KEY_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The keys by id. Immutable: each refresh creates a new value.
#[derive(Debug, Default)]
pub(crate) struct HeldKeys {
    /// A fast hash suffices: any client can look up ids, but only the provider adds keys.
    by_kid: HashMap<Box<str>, HeldKey, RandomState>,
    without_kid: Vec<HeldKey>,
    pub(crate) refreshed_at: Option<Timestamp>,
    pub(crate) skipped: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct HeldKey {
    pub(crate) key: Arc<VerificationKey>,
    pub(crate) seen_at: Timestamp,
}

pub(crate) enum KeyMatch {
    Key(Arc<VerificationKey>),
    /// No held key has this id.
    Unknown,
    /// The token names no key, and there are several.
    Ambiguous,
}

impl HeldKeys {
    /// Adds the published keys to the held ones. A held key that is missing in `set` stays until
    /// [`KEY_LIFETIME`] ends: the provider's nodes learn of a new key at different times, so an
    /// incomplete set must not remove keys.
    pub(crate) fn merge(&self, set: KeySet, now: Timestamp) -> Self {
        let mut merged = Self {
            by_kid: self.by_kid.clone(),
            without_kid: Vec::new(),
            refreshed_at: Some(now),
            skipped: set.skipped,
        };
        merged.by_kid.retain(|_, held| held.is_alive(now));
        for key in set.keys {
            self.insert_into(&mut merged, key, now);
        }
        merged.shrink();
        merged
    }

    /// Inserts a key. An unchanged key stays the same object: the cache of verified tokens compares
    /// objects.
    fn insert_into(&self, merged: &mut Self, key: VerificationKey, now: Timestamp) {
        let held = |same: Option<&HeldKey>, key| HeldKey {
            key: same.map_or_else(|| Arc::new(key), |held| Arc::clone(&held.key)),
            seen_at: now,
        };
        if let Some(kid) = key.kid.clone() {
            let same = self.by_kid.get(&kid).filter(|held| *held.key == key);
            merged.by_kid.insert(kid, held(same, key));
        } else {
            // A key without id cannot be merged: only the latest key set counts.
            let same = self.without_kid.iter().find(|held| *held.key == key);
            merged.without_kid.push(held(same, key));
        }
    }

    /// Restores a key from a snapshot, unless a key of this id is held.
    pub(crate) fn restore(&mut self, key: VerificationKey, seen_at: Timestamp) {
        let held = |key| HeldKey {
            key: Arc::new(key),
            seen_at,
        };
        match key.kid.clone() {
            Some(kid) => {
                self.by_kid.entry(kid).or_insert_with(|| held(key));
            }
            None => self.without_kid.push(held(key)),
        }
        self.refreshed_at = self.refreshed_at.max(Some(seen_at));
    }

    /// The key that a token names.
    pub(crate) fn find(&self, kid: Option<&str>, now: Timestamp) -> KeyMatch {
        match kid {
            Some(kid) => self
                .by_kid
                .get(kid)
                .filter(|held| held.is_alive(now))
                .map_or(KeyMatch::Unknown, |held| {
                    KeyMatch::Key(Arc::clone(&held.key))
                }),
            None => self.only(now),
        }
    }

    /// The only published key, for a token without key id (OpenID Connect Core 1.0 section 10.1).
    fn only(&self, now: Timestamp) -> KeyMatch {
        let mut published = self
            .all()
            .filter(|held| held.is_alive(now) && Some(held.seen_at) == self.refreshed_at);
        match (published.next(), published.next()) {
            (None, _) => KeyMatch::Unknown,
            (Some(held), None) => KeyMatch::Key(Arc::clone(&held.key)),
            (Some(_), Some(_)) => KeyMatch::Ambiguous,
        }
    }

    /// Whether the last key set has this key. Also true while no key set was loaded.
    pub(crate) fn publishes(&self, kid: &str) -> bool {
        let published = |held: &HeldKey| Some(held.seen_at) == self.refreshed_at;
        self.refreshed_at.is_none() || self.by_kid.get(kid).is_some_and(published)
    }

    /// Whether exactly this key is still held.
    pub(crate) fn holds(&self, key: &Arc<VerificationKey>, now: Timestamp) -> bool {
        let same = |held: &HeldKey| Arc::ptr_eq(&held.key, key) && held.is_alive(now);
        match key.kid.as_deref() {
            Some(kid) => self.by_kid.get(kid).is_some_and(same),
            None => self.without_kid.iter().any(same),
        }
    }

    /// Whether a key of the latest key set is bound to an algorithm: by its curve, or by its `alg`.
    pub(crate) fn names_an_algorithm(&self) -> bool {
        let mut latest = self
            .all()
            .filter(|held| Some(held.seen_at) == self.refreshed_at);
        latest.any(|held| held.key.names_its_algorithm())
    }

    /// The number of usable keys.
    pub(crate) fn usable(&self, now: Timestamp) -> usize {
        self.all().filter(|held| held.is_alive(now)).count()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &HeldKey> {
        self.by_kid.values().chain(&self.without_kid)
    }

    /// Removes the keys with the oldest publication time until [`MAX_KEYS`] remain.
    fn shrink(&mut self) {
        while self.by_kid.len() > MAX_KEYS {
            let oldest = self
                .by_kid
                .iter()
                .min_by(|(a_kid, a), (b_kid, b)| (a.seen_at, a_kid).cmp(&(b.seen_at, b_kid)))
                .map(|(kid, _)| kid.clone());
            match oldest {
                Some(kid) => self.by_kid.remove(&kid),
                None => return,
            };
        }
    }
}

impl HeldKey {
    fn is_alive(&self, now: Timestamp) -> bool {
        now < self.seen_at + KEY_LIFETIME
    }
}
