//! What callers and the keeper share.

use std::{
    sync::{
        Condvar, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redb::Database;
use tokio::{sync::watch, time::timeout};

use super::{counters::FileCounters, fault::guarded};
use crate::store_room::{StoreError, StoreHealth, StoreStats, share::Quota};

/// The state of a file store.
pub(super) enum FileState {
    Opening,
    Open(Database),
    /// The file cannot be written, and why. The database shows the last good state.
    Frozen(Database, StoreError),
    Failed(StoreError),
}

/// SharedFile by the store's handle and its keeper.
pub(super) struct SharedFile {
    state: RwLock<FileState>,
    /// Announces changes of state to those who wait for the opening.
    changed: watch::Sender<()>,
    /// The same for threads.
    opening: Mutex<bool>,
    settled: Condvar,
    stopping: AtomicBool,
    /// The disk has kept a change waiting for too long, and has finished none since.
    stalled: AtomicBool,
    /// Nothing may grow until the disk has room again.
    pub(super) disk_full: AtomicBool,
    /// Another file, or none, has the name of the one that is open.
    pub(super) replaced: AtomicBool,
    quota: Quota,
    pub(super) counters: FileCounters,
}

impl SharedFile {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            state: RwLock::new(FileState::Opening),
            changed: watch::Sender::new(()),
            opening: Mutex::new(true),
            settled: Condvar::new(),
            stopping: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            disk_full: AtomicBool::new(false),
            replaced: AtomicBool::new(false),
            quota: Quota::new(capacity),
            counters: FileCounters::default(),
        }
    }

    /// Runs `work`, which only reads, beside other readers and the keeper.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            FileState::Open(database) | FileState::Frozen(database, _) => work(database),
            FileState::Opening => Err(StoreError::Opening),
            FileState::Failed(reason) => Err(*reason),
        }
    }

    /// Reads; where the database has just failed, once more from the one that follows it.
    pub(super) async fn read<T>(
        &self,
        work: impl Fn(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + READ_PATIENCE;
        loop {
            let mut changes = self.changed.subscribe();
            let outcome = guarded(|| self.with(&work));
            // So a database answers that has failed, until the keeper puts another in its place.
            let failed = matches!(outcome, Err(StoreError::Unavailable)) && self.check().is_ok();
            let left = deadline.saturating_duration_since(Instant::now());
            if !failed || timeout(left, changes.changed()).await.is_err() {
                return outcome;
            }
        }
    }

    /// Runs `work` on the open database.
    pub(super) fn with_writable<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            FileState::Open(database) => work(database),
            FileState::Frozen(_, reason) => Err(*reason),
            FileState::Opening => Err(StoreError::Opening),
            FileState::Failed(reason) => Err(*reason),
        }
    }

    /// Fails unless changes can be made: callers do not queue for a store that may never open.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.with_writable(|_| Ok(()))
    }

    /// Puts the store into another state, once nobody reads any more, and returns the old one.
    pub(super) fn replace(&self, state: FileState) -> FileState {
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
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            FileState::Open(_) if self.stalled.load(Ordering::Relaxed) => {
                return StoreHealth::Failed(StoreError::Unavailable);
            }
            FileState::Open(_) | FileState::Frozen(_, StoreError::Full) => {}
            FileState::Frozen(..) => return StoreHealth::with_warnings(&[NOT_WRITABLE]),
            FileState::Opening => return StoreHealth::Opening,
            FileState::Failed(reason) => return StoreHealth::Failed(*reason),
        }
        let mut warnings = self
            .counters
            .gauge
            .warnings(self.quota, self.counters.held());
        if self.disk_full.load(Ordering::Relaxed) || self.check() == Err(StoreError::Full) {
            warnings.push(DISK_FULL);
        }
        if self.replaced.load(Ordering::Relaxed) {
            warnings.push(REPLACED);
        }
        StoreHealth::with_warnings(&warnings)
    }

    pub(super) fn stats(&self) -> StoreStats {
        StoreStats {
            application_capacity: Some(self.quota.application()),
            ..self.counters.snapshot()
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

/// How long a read waits for the keeper to open what follows a failed database: a file of 64 MiB
/// is read whole within a second on slow disks.
const READ_PATIENCE: Duration = Duration::from_secs(5);

pub(super) const DISK_FULL: &str = "the disk of the session store is full: sign-ins are refused, and \
    those who are signed in are served; make room on the disk that holds the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR)";
const NOT_WRITABLE: &str = "the file of the session store cannot be written: sign-ins and sign-outs are \
    refused, and those who are signed in are served; check the disk that holds the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR) and the folder's rights";
pub(super) const REPLACED: &str = "the file of the session store, or its lock, was deleted or replaced \
    while this process uses it: all sessions are lost when it stops; put the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR) back in its place, or restart the process and \
    let everybody sign in again";
