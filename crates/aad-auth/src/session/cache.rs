//! Decoded sessions in front of a store that only this process writes.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldhash::fast::RandomState;

use super::{Session, id::SessionDigest};
use crate::clock::Timestamp;

/// Decoded sessions, bounded in bytes. Exact, because the process is the store's only writer:
/// every end of a session passes through here.
pub(super) struct SessionCache {
    shards: Vec<RwLock<Shard>>,
    shard_capacity: usize,
}

impl SessionCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            shard_capacity: capacity / SHARDS,
        }
    }

    pub(super) fn get(&self, digest: &SessionDigest) -> Lookup {
        let shard = self
            .shard(digest)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        match shard.entries.get(digest) {
            Some(Entry::Live {
                session, touched, ..
            }) => Lookup::Live {
                session: Arc::clone(session),
                touched: Timestamp::from_millis(touched.load(Ordering::Relaxed)),
            },
            Some(Entry::Ending { .. }) => Lookup::Ending,
            Some(Entry::Ended { .. }) => Lookup::Ended,
            None => Lookup::Unknown,
        }
    }

    /// Keeps a session that was read or written. Refused when it has ended meanwhile: whoever read
    /// the record before the end must not bring it back.
    pub(super) fn insert(&self, session: &Arc<Session>, touched: Timestamp, now: Timestamp) {
        let weight = session.weight();
        let mut shard = self
            .shard(&session.digest)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match shard.entries.get(&session.digest) {
            Some(Entry::Ending { .. }) => return,
            Some(Entry::Ended { until }) if *until > now => return,
            _ => {}
        }
        // Retired meanwhile: what was read before must not give it its old life back.
        if let Some(Entry::Live { session: held, .. }) = shard.entries.get(&session.digest)
            && held.ends_at() < session.ends_at()
        {
            return;
        }
        shard.remove(&session.digest);
        if shard.weight + weight > self.shard_capacity {
            shard.make_room(weight, self.shard_capacity, now);
        }
        shard.weight += weight;
        shard.entries.insert(
            session.digest,
            Entry::Live {
                session: Arc::clone(session),
                touched: AtomicU64::new(touched.millis()),
                weight,
            },
        );
    }

    /// Notes that the idle clock was written.
    pub(super) fn touched(&self, digest: &SessionDigest, now: Timestamp) {
        let shard = self
            .shard(digest)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(Entry::Live { touched, .. }) = shard.entries.get(digest) {
            touched.store(now.millis(), Ordering::Relaxed);
        }
    }

    /// Ends a session here before it ends in the store. Until [`Self::ended`] it is not known whether the
    /// store has followed: it may have failed, or the caller may have gone.
    pub(super) fn ending(&self, digest: &SessionDigest, now: Timestamp) {
        let until = now + LONGEST_SESSION;
        self.mark(digest, Entry::Ending { until }, now);
    }

    /// Notes that the store has no record of the session any more.
    pub(super) fn ended(&self, digest: &SessionDigest, now: Timestamp) {
        let until = now + END_MARK_LIFE;
        self.mark(digest, Entry::Ended { until }, now);
    }

    fn mark(&self, digest: &SessionDigest, mark: Entry, now: Timestamp) {
        let mut shard = self
            .shard(digest)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        shard.remove(digest);
        shard.drop_old_marks(now);
        shard.weight += MARK_WEIGHT;
        shard.entries.insert(*digest, mark);
    }

    fn shard(&self, digest: &SessionDigest) -> &RwLock<Shard> {
        &self.shards[usize::from(digest.as_bytes()[0]) % SHARDS]
    }
}

/// What the cache knows of a session.
pub(super) enum Lookup {
    /// It lives.
    Live {
        session: Arc<Session>,
        touched: Timestamp,
    },
    /// Its end has begun, and the store may still have its record.
    Ending,
    /// It has ended a moment ago.
    Ended,
    /// Nothing: ask the store.
    Unknown,
}

#[derive(Default)]
struct Shard {
    /// By a light hash with a random seed: the digests are random already.
    entries: HashMap<SessionDigest, Entry, RandomState>,
    weight: usize,
}

impl Shard {
    fn remove(&mut self, digest: &SessionDigest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.weight -= entry.weight();
        }
    }

    /// Drops what has ended, then whatever comes first: it is read again from the store.
    fn make_room(&mut self, weight: usize, capacity: usize, now: Timestamp) {
        self.drop_old_marks(now);
        let mut over = (self.weight + weight).saturating_sub(capacity);
        let mut victims = Vec::new();
        for (digest, entry) in &self.entries {
            if over == 0 {
                break;
            }
            if let Entry::Live { weight, .. } = entry {
                over = over.saturating_sub(*weight);
                victims.push(*digest);
            }
        }
        victims.iter().for_each(|digest| self.remove(digest));
    }

    fn drop_old_marks(&mut self, now: Timestamp) {
        let old: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.is_old_mark(now))
            .map(|(digest, _)| *digest)
            .take(MARKS_AT_ONCE)
            .collect();
        old.iter().for_each(|digest| self.remove(digest));
    }
}

enum Entry {
    Live {
        session: Arc<Session>,
        touched: AtomicU64,
        weight: usize,
    },
    /// Stays until the store has followed, so that nobody takes a session for ended that would be back after
    /// the next start.
    Ending {
        until: Timestamp,
    },
    Ended {
        until: Timestamp,
    },
}

impl Entry {
    fn is_old_mark(&self, now: Timestamp) -> bool {
        match self {
            Self::Live { .. } => false,
            Self::Ending { until } | Self::Ended { until } => *until <= now,
        }
    }

    const fn weight(&self) -> usize {
        match self {
            Self::Live { weight, .. } => *weight,
            Self::Ending { .. } | Self::Ended { .. } => MARK_WEIGHT,
        }
    }
}

const SHARDS: usize = 64;
const MARK_WEIGHT: usize = 64;
const MARKS_AT_ONCE: usize = 64;
/// Longer than any read of a record that was under way when the session ended.
const END_MARK_LIFE: Duration = Duration::from_secs(60);
/// The most that `AAD_SESSION_MAX` allows: by then the store has no record either.
const LONGEST_SESSION: Duration = Duration::from_secs(90 * 24 * 3600);
