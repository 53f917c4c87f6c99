//! One connection for each thread that asks.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use arc_swap::{ArcSwapOption, Guard};
use redis::{RedisResult, aio::MultiplexedConnection};
use tokio::{
    runtime::{Handle, Id},
    sync::Mutex,
};

/// The connections of all threads, by the runtime that drives them.
///
/// A connection belongs to the runtime that opened it. Shared by all threads, each answer would have to
/// wake another thread, which costs as much as the server does; on one worker's runtime it would be as
/// slow as that worker's slowest handler. So every worker has its own, which all its requests share.
#[derive(Default)]
pub(super) struct Connections(RwLock<HashMap<Id, Arc<Slot>>>);

impl Connections {
    /// The slot of the runtime that polls this.
    pub(super) fn here(&self) -> Arc<Slot> {
        let id = Handle::current().id();
        let slots = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&id) {
            return Arc::clone(slot);
        }
        drop(slots);
        let mut slots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Runtimes that have ended leave their slots behind; those that live connect again.
        if slots.len() >= MAX_RUNTIMES {
            slots.clear();
        }
        Arc::clone(slots.entry(id).or_default())
    }

    /// Lets go of all of them.
    pub(super) fn clear(&self) {
        let mut slots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        slots.clear();
    }
}

/// The connection of one runtime.
#[derive(Default)]
pub(super) struct Slot {
    connection: ArcSwapOption<MultiplexedConnection>,
    connecting: Mutex<()>,
}

impl Slot {
    /// The connection; `connect` makes it where there is none. One at a time connects.
    pub(super) async fn connection<F>(
        &self,
        connect: impl FnOnce() -> F,
    ) -> RedisResult<Arc<MultiplexedConnection>>
    where
        F: Future<Output = RedisResult<MultiplexedConnection>>,
    {
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let connection = Arc::new(connect().await?);
        self.connection.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }

    /// Forgets a broken connection, unless another request has replaced it already.
    pub(super) fn discard(&self, broken: &Arc<MultiplexedConnection>) {
        let present: Guard<Option<Arc<MultiplexedConnection>>> = self.connection.load();
        if present.as_ref().is_some_and(|it| Arc::ptr_eq(it, broken)) {
            self.connection.compare_and_swap(&present, None);
        }
    }

    /// Forgets the connection.
    pub(super) fn clear(&self) {
        self.connection.store(None);
    }
}

/// Workers and the provider's thread are a few; more is a program that starts runtimes all the time.
const MAX_RUNTIMES: usize = 256;
