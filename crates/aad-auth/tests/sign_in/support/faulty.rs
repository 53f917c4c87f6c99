//! A store that fails where a test says so: between two steps of one operation.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aad_auth::{
    clock::SystemClock,
    store::{
        Created, Key, Member, MemoryStore, Record, Store, StoreError, StoreFuture, StoreHealth,
        StoreStats, Updated, Version,
    },
};

/// A store in memory. Some operations can be out of order, or slow, for a number of times.
pub struct FaultyStore {
    inner: MemoryStore,
    failing_lists: AtomicUsize,
    slow_lists: AtomicUsize,
    failing_deletes: AtomicUsize,
}

impl FaultyStore {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryStore::new(Arc::new(SystemClock)),
            failing_lists: AtomicUsize::new(0),
            slow_lists: AtomicUsize::new(0),
            failing_deletes: AtomicUsize::new(0),
        })
    }

    /// The next lists of index members fail.
    pub fn fail_lists(&self, times: usize) {
        self.failing_lists.store(times, Ordering::SeqCst);
    }

    /// The next deletions fail.
    pub fn fail_deletes(&self, times: usize) {
        self.failing_deletes.store(times, Ordering::SeqCst);
    }

    /// The next lists of index members take their time.
    pub fn slow_lists(&self, times: usize) {
        self.slow_lists.store(times, Ordering::SeqCst);
    }

    /// Whether a list that is to be slow is still to come.
    pub fn awaits_slow_list(&self) -> bool {
        self.slow_lists.load(Ordering::SeqCst) > 0
    }
}

fn take_one(left: &AtomicUsize) -> bool {
    let less = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}

impl Store for FaultyStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        self.inner.get(key)
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        self.inner.create(key, value, ttl)
    }

    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        self.inner.update(key, expected, value, ttl)
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        self.inner.touch(key, ttl)
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        if take_one(&self.failing_deletes) {
            return Box::pin(async { Err(StoreError::Unavailable) });
        }
        self.inner.delete(key)
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        self.inner.index_put(set, member, value, ttl)
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        self.inner.index_remove(set, member)
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            if take_one(&self.failing_lists) {
                return Err(StoreError::Unavailable);
            }
            if take_one(&self.slow_lists) {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            self.inner.index_list(set).await
        })
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "memory"
    }

    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        self.inner.health()
    }

    fn stats(&self) -> StoreStats {
        self.inner.stats()
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.close()
    }
}
