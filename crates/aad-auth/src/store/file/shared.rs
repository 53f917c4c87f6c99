//! State that callers and the writer thread share.

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
use crate::store_room::{StoreError, StoreHealth, StoreStats, capacity_share::ShareLimits};

/// The state of a file store.
pub(super) enum FileState {
    Opening,
    Open(Database),
    /// The file cannot be written for this reason. The database is a view of the last good state.
    ReadOnly(Database, StoreError),
    Failed(StoreError),
}

/// The state that the store's handle and the writer thread share.
pub(super) struct SharedFile {
    state: RwLock<FileState>,
    /// Notifies tasks of changes of state.
    changed: watch::Sender<()>,
    /// With `opened_or_failed`: notifies threads of the end of the opening.
    opening: Mutex<bool>,
    opened_or_failed: Condvar,
    stopping: AtomicBool,
    /// A change has waited for the disk for too long, and none was finished since.
    stalled: AtomicBool,
    /// The disk is full: nothing may grow.
    pub(super) disk_full: AtomicBool,
    /// The path no longer leads to the open file.
    pub(super) replaced: AtomicBool,
    share_limits: ShareLimits,
    pub(super) counters: FileCounters,
}

impl SharedFile {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            state: RwLock::new(FileState::Opening),
            changed: watch::Sender::new(()),
            opening: Mutex::new(true),
            opened_or_failed: Condvar::new(),
            stopping: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            disk_full: AtomicBool::new(false),
            replaced: AtomicBool::new(false),
            share_limits: ShareLimits::new(capacity),
            counters: FileCounters::default(),
        }
    }

    /// Runs `work`, which only reads, concurrently with other readers and the writer.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            FileState::Open(database) | FileState::ReadOnly(database, _) => work(database),
            FileState::Opening => Err(StoreError::Opening),
            FileState::Failed(reason) => Err(*reason),
        }
    }

    /// Reads. If the database has just failed, reads again from the one that replaces it.
    pub(super) async fn read<T>(
        &self,
        work: impl Fn(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + READ_PATIENCE;
        loop {
            let mut changes = self.changed.subscribe();
            let outcome = guarded(|| self.with(&work));
            // A failed database answers `Unavailable` until the writer replaces it.
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
            FileState::ReadOnly(_, reason) => Err(*reason),
            FileState::Opening => Err(StoreError::Opening),
            FileState::Failed(reason) => Err(*reason),
        }
    }

    /// Fails unless changes can be made, so that callers do not wait for a store that may never open.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.with_writable(|_| Ok(()))
    }

    /// Replaces the state, after present readers have finished, and returns the old one.
    pub(super) fn replace(&self, state: FileState) -> FileState {
        let mut present = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *present, state);
        drop(present);
        self.changed.send_replace(());
        *self.opening.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.opened_or_failed.notify_all();
        old
    }

    /// Blocks this thread until the store is open or has failed, at most for `timeout`.
    pub(super) fn wait_until_opened(&self, timeout: Duration) -> Result<(), StoreError> {
        let opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .opened_or_failed
            .wait_timeout_while(opening, timeout, |opening| *opening);
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
            FileState::Open(_) | FileState::ReadOnly(_, StoreError::Full) => {}
            FileState::ReadOnly(..) => return StoreHealth::with_warnings(&[NOT_WRITABLE]),
            FileState::Opening => return StoreHealth::Opening,
            FileState::Failed(reason) => return StoreHealth::Failed(*reason),
        }
        let mut warnings = self
            .counters
            .full_shares
            .warnings(self.share_limits, self.counters.held());
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
            application_capacity: Some(self.share_limits.application()),
            ..self.counters.snapshot()
        }
    }

    /// Notes that the disk does not respond, or that it has finished a change again.
    pub(super) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Ends the wait for the lock: the store was closed or dropped.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

/// How long a read waits for the database that replaces a failed one. A file of 64 MiB is read whole
/// within a second on slow disks.
const READ_PATIENCE: Duration = Duration::from_secs(5);

pub(super) const DISK_FULL: &str = "the disk of the session store is full: sign-ins are refused, and \
    signed-in users are served; make room on the disk that holds the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR)";
const NOT_WRITABLE: &str = "the file of the session store cannot be written: sign-ins and sign-outs are \
    refused, and signed-in users are served; check the disk that holds the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR) and the folder's rights";
pub(super) const REPLACED: &str = "the file of the session store, or its lock, was deleted or replaced \
    while this process uses it: all sessions are lost when it stops; put the file of \
    AAD_SESSION_STORE (by default in AAD_STATE_DIR) back in its place, or restart the process and \
    let all users sign in again";
