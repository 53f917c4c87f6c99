//! A store for tests that fails as planned.

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

/// An operation of a store.
///
/// See [`FaultyStore`] for an example.
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

/// A planned fault of an operation.
///
/// See [`FaultyStore`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreFault {
    /// The operation is not made and returns this error.
    Fail(StoreError),
    /// The operation is made after this time.
    Delay(Duration),
    /// An update is not made and returns [`Updated::Conflict`]. Other operations are made.
    Conflict,
}

/// A store in memory whose next operations fail, wait, or conflict with another writer, as a test has
/// planned. Use it to test an application between two steps of which only one succeeds.
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
    /// A store without planned faults.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: MemoryStore::new(clock),
            exclusive: true,
            plans: Mutex::default(),
        }
    }

    /// Reports, like Redis, that other processes write to it too.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.exclusive = false;
        self
    }

    /// Plans a fault for the next `times` calls of an operation. It replaces the operation's former plan.
    pub fn plan(&self, operation: Operation, fault: StoreFault, times: usize) {
        let mut plans = self.plans();
        plans.retain(|plan| plan.operation != operation);
        plans.push(Plan {
            operation,
            fault,
            left: times,
        });
    }

    /// The number of calls of an operation that have not met their fault yet.
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

    /// Applies the planned fault of an operation, and returns it.
    async fn apply(&self, operation: Operation) -> Result<Option<StoreFault>, StoreError> {
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
            self.apply(Operation::Get).await?;
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
            self.apply(Operation::Create).await?;
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
            match self.apply(Operation::Update).await? {
                Some(StoreFault::Conflict) => Ok(Updated::Conflict),
                _ => self.inner.update(key, expected, value, ttl).await,
            }
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.apply(Operation::Touch).await?;
            self.inner.touch(key, ttl).await
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.apply(Operation::Delete).await?;
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
            self.apply(Operation::IndexPut).await?;
            self.inner.index_put(set, member, value, ttl).await
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.apply(Operation::IndexRemove).await?;
            self.inner.index_remove(set, member).await
        })
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            self.apply(Operation::IndexList).await?;
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
#[path = "faulty_store_tests.rs"]
mod tests;
