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
    shards: Vec<RwLock<CacheShard>>,
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
            Some(CacheEntry::Live {
                session, touched, ..
            }) => Lookup::Live {
                session: Arc::clone(session),
                touched: Timestamp::from_millis(touched.load(Ordering::Relaxed)),
            },
            Some(CacheEntry::Ending { .. }) => Lookup::Ending,
            Some(CacheEntry::Ended { .. }) => Lookup::Ended,
            None => Lookup::Unknown,
        }
    }

    /// Caches a session that was read or written, unless it has ended meanwhile: a record that was read
    /// before the end must not restore the session.
    pub(super) fn insert(&self, session: &Arc<Session>, touched: Timestamp, now: Timestamp) {
        let weight = session.weight();
        let mut shard = self
            .shard(&session.digest)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match shard.entries.get(&session.digest) {
            Some(CacheEntry::Ending { .. }) => return,
            Some(CacheEntry::Ended { until }) if *until > now => return,
            _ => {}
        }
        // Retired meanwhile: an older copy must not restore its longer life.
        if let Some(CacheEntry::Live { session: held, .. }) = shard.entries.get(&session.digest)
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
            CacheEntry::Live {
                session: Arc::clone(session),
                touched: AtomicU64::new(touched.millis()),
                weight,
            },
        );
    }

    /// Notes that the idle timeout was extended in the store.
    pub(super) fn touched(&self, digest: &SessionDigest, now: Timestamp) {
        let shard = self
            .shard(digest)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(CacheEntry::Live { touched, .. }) = shard.entries.get(digest) {
            touched.store(now.millis(), Ordering::Relaxed);
        }
    }

    /// Marks a session as ending, before it ends in the store. Until [`Self::ended`], the store may still
    /// have its record: the deletion may have failed, or was cancelled.
    pub(super) fn ending(&self, digest: &SessionDigest, now: Timestamp) {
        let until = now + LONGEST_SESSION;
        self.mark(digest, CacheEntry::Ending { until }, now);
    }

    /// Marks a session whose record the store has deleted.
    pub(super) fn ended(&self, digest: &SessionDigest, now: Timestamp) {
        let until = now + END_MARK_LIFE;
        self.mark(digest, CacheEntry::Ended { until }, now);
    }

    fn mark(&self, digest: &SessionDigest, mark: CacheEntry, now: Timestamp) {
        let mut shard = self
            .shard(digest)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        shard.remove(digest);
        shard.drop_old_marks(now);
        shard.weight += MARK_WEIGHT;
        shard.entries.insert(*digest, mark);
    }

    fn shard(&self, digest: &SessionDigest) -> &RwLock<CacheShard> {
        &self.shards[usize::from(digest.as_bytes()[0]) % SHARDS]
    }
}

/// What the cache knows about a session.
pub(super) enum Lookup {
    /// It is live; `touched` is when its idle timeout was last extended.
    Live {
        session: Arc<Session>,
        touched: Timestamp,
    },
    /// Its end has begun, and the store may still have its record.
    Ending,
    /// It has ended less than a minute ago.
    Ended,
    /// Nothing. The store has to be read.
    Unknown,
}

#[derive(Default)]
struct CacheShard {
    /// A fast hash with a random seed is enough: the digests are random.
    entries: HashMap<SessionDigest, CacheEntry, RandomState>,
    weight: usize,
}

impl CacheShard {
    fn remove(&mut self, digest: &SessionDigest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.weight -= entry.weight();
        }
    }

    /// Drops marks of ended sessions, then any live sessions: the store is read again for them.
    fn make_room(&mut self, weight: usize, capacity: usize, now: Timestamp) {
        self.drop_old_marks(now);
        let mut over = (self.weight + weight).saturating_sub(capacity);
        let mut victims = Vec::new();
        for (digest, entry) in &self.entries {
            if over == 0 {
                break;
            }
            if let CacheEntry::Live { weight, .. } = entry {
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

enum CacheEntry {
    Live {
        session: Arc<Session>,
        touched: AtomicU64,
        weight: usize,
    },
    /// Kept until the record is deleted. Otherwise the session would be live again after a restart.
    Ending {
        until: Timestamp,
    },
    Ended {
        until: Timestamp,
    },
}

impl CacheEntry {
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
/// Longer than any read that was under way when the session ended.
const END_MARK_LIFE: Duration = Duration::from_secs(60);
/// The largest `AAD_SESSION_MAX`: after it, the store has no record either.
const LONGEST_SESSION: Duration = Duration::from_secs(90 * 24 * 3600);
