//! The writer thread's state: it owns the file, and opens it.

use std::{sync::Arc, time::Instant};

use super::{
    disk_reserve::DiskReserve,
    disk_retry::DiskRetry,
    fault::guarded,
    open,
    options::FileOptions,
    queue::ChangeReceiver,
    shared::{FileState, SharedFile},
    store_files::StoreFiles,
};
use crate::store::StoreError;

/// The state of the writer thread.
pub(super) struct FileWriter {
    pub(super) shared: Arc<SharedFile>,
    pub(super) options: FileOptions,
    pub(super) change_receiver: ChangeReceiver,
    pub(super) next_version: u64,
    /// An empty reserve until the paths of the files are known.
    pub(super) reserve: Arc<DiskReserve>,
    pub(super) disk_retry: DiskRetry,
}

impl FileWriter {
    /// Opens the database.
    pub(super) fn open(&self, files: &StoreFiles) -> Result<(), StoreError> {
        let begun = Instant::now();
        let (database, totals) = guarded(|| open::open(files, &self.options, &self.reserve))?;
        self.shared.counters.set_totals(totals);
        self.measure(files);
        self.set_state(FileState::Open(database));
        tracing::info!(
            records = totals.rows,
            elapsed = ?begun.elapsed(),
            "the session store's file is open"
        );
        Ok(())
    }

    /// Notes the length of the file.
    pub(super) fn measure(&self, files: &StoreFiles) {
        if let Ok(Some(length)) = files.length() {
            self.shared.counters.set_file_length(length);
        }
    }

    /// Replaces the state of the store, and drops the database that it had.
    pub(super) fn set_state(&self, state: FileState) {
        let old = self.shared.replace(state);
        let dropped = guarded(|| {
            drop(old);
            Ok(())
        });
        if dropped.is_err() {
            tracing::error!("dropping the session store's former database panicked");
        }
    }
}
