//! What callers and the keeper share.

use std::{
    sync::{
        Condvar, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redb::Database;
use tokio::sync::watch;

use super::counters::Counters;
use crate::store::{StoreError, StoreHealth};

/// The state of a file store.
pub(super) enum State {
    Opening,
    Open(Database),
    Failed(StoreError),
}

/// Shared by the store's handle and its keeper.
pub(super) struct Shared {
    state: RwLock<State>,
    /// Announces changes of state to those who wait for the opening.
    changed: watch::Sender<()>,
    /// The same for threads.
    opening: Mutex<bool>,
    settled: Condvar,
    stopping: AtomicBool,
    /// The disk has kept a change waiting for too long, and has finished none since.
    stalled: AtomicBool,
    pub(super) counters: Counters,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            state: RwLock::new(State::Opening),
            changed: watch::Sender::new(()),
            opening: Mutex::new(true),
            settled: Condvar::new(),
            stopping: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    /// Runs `work` on the open database, beside other readers and the keeper.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(database) => work(database),
            State::Opening => Err(StoreError::Opening),
            State::Failed(reason) => Err(*reason),
        }
    }

    /// Fails unless the store is open: callers do not queue for a store that may never open.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.with(|_| Ok(()))
    }

    /// Puts the store into another state, once nobody reads any more, and returns the old one.
    pub(super) fn replace(&self, state: State) -> State {
        let mut present = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *present, state);
        drop(present);
        self.changed.send_replace(());
        *self.opening.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.settled.notify_all();
        old
    }

    /// Waits in this thread until the store is open or has failed, but no longer than `patience`.
    pub(super) fn settled_within(&self, patience: Duration) -> Result<(), StoreError> {
        let opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .settled
            .wait_timeout_while(opening, patience, |opening| *opening);
        drop(waited);
        self.check()
    }

    /// Waits until the store is open or has failed.
    pub(super) async fn opened(&self) -> Result<(), StoreError> {
        let mut changes = self.changed.subscribe();
        loop {
            match self.check() {
                Err(StoreError::Opening) => {}
                outcome => return outcome,
            }
            if changes.changed().await.is_err() {
                return Err(StoreError::Stopped);
            }
        }
    }

    pub(super) fn health(&self) -> StoreHealth {
        match self.check() {
            Ok(()) if self.stalled.load(Ordering::Relaxed) => {
                StoreHealth::Failed(StoreError::Unavailable)
            }
            Ok(()) => StoreHealth::Ready,
            Err(StoreError::Opening) => StoreHealth::Opening,
            Err(reason) => StoreHealth::Failed(reason),
        }
    }

    /// Notes that the disk hangs, or that it has finished a change again.
    pub(super) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Tells a keeper that waits for the lock that nobody needs it any more.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
