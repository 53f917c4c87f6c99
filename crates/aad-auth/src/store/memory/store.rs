//! The memory store: implements the trait over shards.

use std::{
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{byte_budget::ByteBudget, memory_shard::MemoryShard};
use crate::{
    clock::{Clock, Timestamp},
    store_room::{
        Created, Key, Member, Record, Store, StoreError, StoreFuture, StoreHealth, StoreStats,
        Updated, Version, limits,
    },
};

/// The default bound of a [`MemoryStore`]: 256 MiB.
pub const DEFAULT_CAPACITY: u64 = 256 * 1024 * 1024;

const SHARDS: usize = 64;

/// A store in the memory of the process, bounded in bytes. For tests, and where all users may have to
/// sign in again after a restart.
///
/// When it is full of live records, creations return [`StoreError::Full`]; no live record is evicted.
/// Application data takes at most a quarter of the capacity.
///
/// See [`AuthBuilder::store`](crate::AuthBuilder::store) for an example.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    shards: Box<[Mutex<MemoryShard>]>,
    hasher: RandomState,
    budget: ByteBudget,
    versions: AtomicU64,
    expired: AtomicU64,
    refused: AtomicU64,
    conflicts: AtomicU64,
    closed: AtomicBool,
}

impl MemoryStore {
    /// A store of [`DEFAULT_CAPACITY`].
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, DEFAULT_CAPACITY)
    }

    /// A store of at most `capacity` bytes, with keys and overhead.
    pub fn with_capacity(clock: Arc<dyn Clock>, capacity: u64) -> Self {
        Self {
            clock,
            shards: (0..SHARDS)
                .map(|_| Mutex::new(MemoryShard::new()))
                .collect(),
            hasher: RandomState::new(),
            budget: ByteBudget::new(capacity),
            versions: AtomicU64::new(1),
            expired: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    fn shard(&self, key: &Key) -> Result<MutexGuard<'_, MemoryShard>, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Stopped);
        }
        let hash = usize::try_from(self.hasher.hash_one(key) >> 40).unwrap_or_default();
        let shard = self.shards.get(hash % SHARDS).ok_or(StoreError::Corrupt)?;
        Ok(lock(shard))
    }

    /// Runs a write on the key's shard. Without room, removes all expired entries and tries again.
    fn write<T>(
        &self,
        key: &Key,
        operation: impl Fn(&mut MemoryShard, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        let attempt = || {
            let mut shard = self.shard(key)?;
            let outcome = operation(&mut shard, now);
            self.count_expired(shard.sweep_step(now, &self.budget));
            outcome
        };
        match attempt() {
            Err(StoreError::Full) => {}
            outcome => return outcome,
        }
        for shard in &self.shards {
            self.count_expired(lock(shard).sweep(now, &self.budget));
        }
        attempt().inspect_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn next_version(&self) -> Version {
        Version(self.versions.fetch_add(1, Ordering::Relaxed))
    }

    fn count_expired(&self, count: u64) {
        if count > 0 {
            self.expired.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.shard(key)?.get(key, self.clock.now())) })
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        Box::pin(async move {
            limits::check_value(value)?;
            let new = (value, self.next_version());
            self.write(key, |shard, now| {
                shard.create(key, new, (now, now + limits::clamp_life(ttl)), &self.budget)
            })
        })
    }

    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        Box::pin(async move {
            limits::check_value(value)?;
            let new = (value, self.next_version());
            let updated = self.write(key, |shard, now| {
                let times = (now, now + limits::clamp_life(ttl));
                shard.update(key, expected, new, times, &self.budget)
            })?;
            if updated == Updated::Conflict {
                self.conflicts.fetch_add(1, Ordering::Relaxed);
            }
            Ok(updated)
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let now = self.clock.now();
            Ok(self
                .shard(key)?
                .touch(key, now, now + limits::clamp_life(ttl)))
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(
            async move { self.write(key, |shard, now| Ok(shard.delete(key, now, &self.budget))) },
        )
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            limits::check_member(member, value)?;
            self.write(set, |shard, now| {
                let times = (now, now + limits::clamp_life(ttl));
                shard.index_put(set, (member, value), times, &self.budget)
            })
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.write(set, |shard, now| {
                Ok(shard.index_remove(set, member, now, &self.budget))
            })
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move { Ok(self.shard(set)?.index_list(set, self.clock.now())) })
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "memory"
    }

    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        let health = if self.closed.load(Ordering::Acquire) {
            StoreHealth::Failed(StoreError::Stopped)
        } else {
            StoreHealth::with_warnings(&self.budget.warnings())
        };
        Box::pin(std::future::ready(health))
    }

    fn stats(&self) -> StoreStats {
        StoreStats {
            records: Some(
                self.shards
                    .iter()
                    .map(|shard| lock(shard).len() as u64)
                    .sum(),
            ),
            bytes: Some(self.budget.held().total),
            capacity: Some(self.budget.share_limits().capacity()),
            application_bytes: Some(self.budget.held().application),
            application_capacity: Some(self.budget.share_limits().application()),
            expired: self.expired.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            conflicts: self.conflicts.load(Ordering::Relaxed),
            ..StoreStats::default()
        }
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.closed.store(true, Ordering::Release);
            for shard in &self.shards {
                lock(shard).clear();
            }
            Ok(())
        })
    }
}

/// Ignores poisoning: no operation leaves a shard in an invalid state if it panics.
fn lock(shard: &Mutex<MemoryShard>) -> MutexGuard<'_, MemoryShard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
