//! The connections to one server, one for each runtime.

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

/// The connections to one server, by runtime.
///
/// A connection belongs to the runtime that opened it. If all threads shared one, each answer would wake
/// another thread, which costs as much as the server does. On one worker's runtime, it would be as slow
/// as that worker's slowest handler. So each worker has its own connection, shared by all its requests.
#[derive(Default)]
pub(super) struct RuntimeConnections(RwLock<HashMap<Id, Arc<RuntimeConnection>>>);

impl RuntimeConnections {
    /// The connection of the runtime that polls this call.
    pub(super) fn here(&self) -> Arc<RuntimeConnection> {
        let id = Handle::current().id();
        let connections = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = connections.get(&id) {
            return Arc::clone(slot);
        }
        drop(connections);
        let mut connections = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Ended runtimes leave entries behind. Live runtimes connect again.
        if connections.len() >= MAX_RUNTIMES {
            connections.clear();
        }
        Arc::clone(connections.entry(id).or_default())
    }

    /// Drops all connections.
    pub(super) fn clear(&self) {
        let mut connections = self.0.write().unwrap_or_else(PoisonError::into_inner);
        connections.clear();
    }
}

/// The connection of one runtime.
#[derive(Default)]
pub(super) struct RuntimeConnection {
    connection: ArcSwapOption<MultiplexedConnection>,
    connecting: Mutex<()>,
}

impl RuntimeConnection {
    /// The connection. Opens it with `connect` if there is none; one request at a time connects.
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

    /// Drops a broken connection, unless another request has replaced it already.
    pub(super) fn discard(&self, broken: &Arc<MultiplexedConnection>) {
        let present: Guard<Option<Arc<MultiplexedConnection>>> = self.connection.load();
        if present.as_ref().is_some_and(|it| Arc::ptr_eq(it, broken)) {
            self.connection.compare_and_swap(&present, None);
        }
    }

    /// Drops the connection.
    pub(super) fn clear(&self) {
        self.connection.store(None);
    }
}

/// Most runtimes. A process has one for each worker; more means that it starts runtimes all the time.
const MAX_RUNTIMES: usize = 256;
