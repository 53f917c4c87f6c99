//! A store that fails where a test says so.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Created, Key, Member, MemoryStore, Record, Store, StoreError, StoreFuture, StoreHealth,
    StoreStats, Updated, Version,
};
use crate::clock::Clock;

/// An operation of the port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// [`Store::get`]
    Get,
    /// [`Store::create`]
    Create,
    /// [`Store::update`]
    Update,
    /// [`Store::touch`]
    Touch,
    /// [`Store::delete`]
    Delete,
    /// [`Store::index_put`]
    IndexPut,
    /// [`Store::index_remove`]
    IndexRemove,
    /// [`Store::index_list`]
    IndexList,
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreFault {
    /// It is not done, and answers this.
    Fail(StoreError),
    /// It is done after this time.
    Delay(Duration),
    /// An update is not done, since another writer was first; anything else is.
    Conflict,
}

/// A store in memory whose next operations fail, wait or lose to another writer when a test says
/// so: for what an application does between two steps of which only one succeeds.
///
/// ```
/// use std::sync::Arc;
/// use aad_auth::{store::{StoreError, SystemClock}, testing::{self, FaultyStore, Operation, StoreFault}};
///
/// # fn main() -> Result<(), aad_auth::StartError> {
/// # actix_web::rt::System::new().block_on(async {
/// let store = Arc::new(FaultyStore::new(Arc::new(SystemClock)));
/// let auth = testing::builder().store(store.clone()).build()?;
/// store.plan(Operation::Delete, StoreFault::Fail(StoreError::Unavailable), 1);
/// # let _ = auth;
/// # Ok(())
/// # })
/// # }
/// ```
pub struct FaultyStore {
    inner: MemoryStore,
    exclusive: bool,
    plans: Mutex<Vec<Plan>>,
}

struct Plan {
    operation: Operation,
    fault: StoreFault,
    left: usize,
}

impl FaultyStore {
    /// A store without faults yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: MemoryStore::new(clock),
            exclusive: true,
            plans: Mutex::default(),
        }
    }

    /// Says, like Redis, that other processes write to it as well.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.exclusive = false;
        self
    }

    /// The next `times` calls of this operation meet this fault, instead of what was planned for
    /// it before.
    pub fn plan(&self, operation: Operation, fault: StoreFault, times: usize) {
        let mut plans = self.plans();
        plans.retain(|plan| plan.operation != operation);
        plans.push(Plan {
            operation,
            fault,
            left: times,
        });
    }

    /// How many calls of this operation are still to meet their fault.
    pub fn pending(&self, operation: Operation) -> usize {
        let plans = self.plans();
        let mut own = plans.iter().filter(|plan| plan.operation == operation);
        own.next().map_or(0, |plan| plan.left)
    }

    fn take(&self, operation: Operation) -> Option<StoreFault> {
        let mut plans = self.plans();
        let mut own = plans.iter_mut().filter(|plan| plan.operation == operation);
        let plan = own.next()?;
        plan.left = plan.left.checked_sub(1)?;
        Some(plan.fault)
    }

    fn plans(&self) -> MutexGuard<'_, Vec<Plan>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an operation meet what is planned for it, and tells what that was.
    async fn meet(&self, operation: Operation) -> Result<Option<StoreFault>, StoreError> {
        let fault = self.take(operation);
        match fault {
            Some(StoreFault::Fail(reason)) => return Err(reason),
            Some(StoreFault::Delay(pause)) => tokio::time::sleep(pause).await,
            Some(StoreFault::Conflict) | None => {}
        }
        Ok(fault)
    }
}

impl Store for FaultyStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            self.meet(Operation::Get).await?;
            self.inner.get(key).await
        })
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        Box::pin(async move {
            self.meet(Operation::Create).await?;
            self.inner.create(key, value, ttl).await
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
            match self.meet(Operation::Update).await? {
                Some(StoreFault::Conflict) => Ok(Updated::Conflict),
                _ => self.inner.update(key, expected, value, ttl).await,
            }
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.meet(Operation::Touch).await?;
            self.inner.touch(key, ttl).await
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.meet(Operation::Delete).await?;
            self.inner.delete(key).await
        })
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.meet(Operation::IndexPut).await?;
            self.inner.index_put(set, member, value, ttl).await
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.meet(Operation::IndexRemove).await?;
            self.inner.index_remove(set, member).await
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            self.meet(Operation::IndexList).await?;
            self.inner.index_list(set).await
        })
    }

    fn exclusive(&self) -> bool {
        self.exclusive
    }

    fn kind(&self) -> &'static str {
        self.inner.kind()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{ManualClock, SystemClock, Timestamp},
        store::suite::{Subject, Time, run_all},
    };

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn what_fails_by_plan_is_not_done_and_what_was_not_planned_is() {
        let store = FaultyStore::new(Arc::new(SystemClock));
        let key = Key::new("a").unwrap();
        let away = StoreFault::Fail(StoreError::Unavailable);
        store.plan(Operation::Create, away, 1);
        let refused = store.create(&key, b"x", HOUR).await;
        assert_eq!(refused, Err(StoreError::Unavailable));
        assert!(store.get(&key).await.unwrap().is_none());
        assert_eq!(store.pending(Operation::Create), 0);
        let Created::Written(version) = store.create(&key, b"x", HOUR).await.unwrap() else {
            panic!("it is free");
        };
        store.plan(Operation::Update, StoreFault::Conflict, 1);
        let update = async || store.update(&key, version, b"y", HOUR).await.unwrap();
        assert_eq!(update().await, Updated::Conflict);
        assert!(matches!(update().await, Updated::Written(_)));
        store.plan(Operation::Delete, away, 2);
        store.plan(Operation::Delete, away, 0);
        assert!(store.delete(&key).await.unwrap(), "the plan was replaced");
    }

    #[tokio::test]
    async fn what_is_delayed_by_plan_is_done_afterwards() {
        let store = FaultyStore::new(Arc::new(SystemClock));
        let key = Key::new("a").unwrap();
        let pause = Duration::from_millis(20);
        store.plan(Operation::Create, StoreFault::Delay(pause), 1);
        let begun = std::time::Instant::now();
        store.create(&key, b"x", HOUR).await.unwrap();
        assert!(begun.elapsed() >= pause);
        assert!(store.get(&key).await.unwrap().is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn it_is_a_store_like_any_other_until_a_fault_is_planned() {
        for shared in [false, true] {
            run_all(async || {
                let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
                let store = FaultyStore::new(Arc::new(clock.clone()));
                let store = if shared { store.shared() } else { store };
                assert_eq!(store.exclusive(), !shared);
                Subject::new(Arc::new(store), Time::Manual(clock))
            })
            .await;
        }
    }
}
