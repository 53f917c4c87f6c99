//! Recovers from a disk that fails or is full, and from a file that was replaced.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{
    fault::{guarded, is_full},
    open,
    queue::{WriterTask, refuse},
    shared::FileState,
    store_files::StoreFiles,
    writer::FileWriter,
};
use crate::store::StoreError;

/// How long to wait before a file that failed is opened again.
const REOPEN_AFTER: Duration = Duration::from_secs(1);
/// How often the writer tries to fill the reserve again.
const FILL_EVERY: Duration = Duration::from_secs(1);
/// How long nothing may grow after a full disk has failed a transaction, so that not each sign-in
/// makes it fail again.
const NO_GROWTH_FOR: Duration = Duration::from_secs(5);

impl FileWriter {
    /// Checks reserve and file. Called before each transaction, and when idle.
    pub(super) fn check_disk(&mut self, files: &StoreFiles) {
        self.fill_reserve();
        let growing = self
            .disk_retry
            .grow_at
            .is_none_or(|at| at <= Instant::now());
        self.set_disk_full(!growing || !self.reserve.is_whole());
        self.set_replaced(!files.is_intact());
    }

    fn fill_reserve(&mut self) {
        let now = Instant::now();
        if self.reserve.is_whole() || self.disk_retry.fill_reserve_at.is_some_and(|at| at > now) {
            return;
        }
        self.disk_retry.fill_reserve_at = Some(now + FILL_EVERY);
        if let Err(error) = self.reserve.fill()
            && !is_full(error.kind())
        {
            tracing::warn!(%error, "the disk reserve of the session store cannot be written");
        }
    }

    fn set_disk_full(&self, full: bool) {
        let before = self.shared.disk_full.swap(full, Ordering::Relaxed);
        if full && !before {
            tracing::error!("{}", super::shared::DISK_FULL);
        } else if before && !full {
            tracing::info!("the disk of the session store has room again");
        }
    }

    fn set_replaced(&self, replaced: bool) {
        let before = self.shared.replaced.swap(replaced, Ordering::Relaxed);
        if replaced && !before {
            tracing::error!("{}", super::shared::REPLACED);
        } else if before && !replaced {
            tracing::info!("the file of the session store is in its place again");
        }
    }

    /// Handles a failed transaction (the disk is full, or does not respond). redb refuses to use a
    /// database after a failed write. So reads continue on the last good state, changes are refused
    /// with the reason, and the file is opened again until that succeeds or the store is closed.
    pub(super) fn recover(&mut self, files: &StoreFiles, mut reason: StoreError) {
        tracing::error!(%reason, "the session store's file failed; reads continue, and the file is opened again");
        if reason == StoreError::Full {
            self.disk_retry.grow_at = Some(Instant::now() + NO_GROWTH_FOR);
        }
        let read_only = guarded(|| open::open_read_only(files, &self.options));
        let next = match read_only {
            Ok(database) => FileState::ReadOnly(database, reason),
            Err(error) => {
                tracing::error!(%error, "the session store's file cannot be read either");
                FileState::Failed(reason)
            }
        };
        self.set_state(next);
        loop {
            if self.refuse_changes_for(REOPEN_AFTER, reason) {
                return;
            }
            self.set_replaced(!files.is_intact());
            if self.shared.replaced.load(Ordering::Relaxed) {
                // A new file of the same name has none of the sessions.
                continue;
            }
            match self.open(files) {
                Ok(()) => return,
                Err(again) => reason = again,
            }
        }
    }

    /// Refuses changes for a while. Returns true if the store is to be closed.
    fn refuse_changes_for(&mut self, pause: Duration, reason: StoreError) -> bool {
        let until = Instant::now() + pause;
        loop {
            match self
                .change_receiver
                .next(until.saturating_duration_since(Instant::now()))
            {
                WriterTask::Batch(batch) => refuse(batch, reason),
                WriterTask::Idle => return false,
                WriterTask::Close(closer) => {
                    self.change_receiver.put_back(closer);
                    return true;
                }
            }
        }
    }
}
