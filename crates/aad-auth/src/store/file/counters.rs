//! Counters of a file store, for metrics and health.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{queue::ChangeOutcome, totals::ShareTotals};
use crate::store_room::{
    StoreError, StoreStats, Updated,
    capacity_share::{FullShares, HeldBytes},
};

/// Counters since the store was opened, and the totals of the last commit.
#[derive(Default)]
pub(super) struct FileCounters {
    rows: AtomicU64,
    bytes: AtomicU64,
    application: AtomicU64,
    file: AtomicU64,
    expired: AtomicU64,
    refused: AtomicU64,
    conflicts: AtomicU64,
    commits: AtomicU64,
    failures: AtomicU64,
    pub(super) full_shares: FullShares,
}

impl FileCounters {
    pub(super) fn set_totals(&self, totals: ShareTotals) {
        self.rows.store(totals.rows, Ordering::Relaxed);
        self.bytes.store(totals.held.total, Ordering::Relaxed);
        self.application
            .store(totals.held.application, Ordering::Relaxed);
    }

    pub(super) fn set_file_length(&self, length: u64) {
        self.file.store(length, Ordering::Relaxed);
    }

    pub(super) fn file_length(&self) -> u64 {
        self.file.load(Ordering::Relaxed)
    }

    /// Bytes of records and members, with an estimate of the overhead.
    pub(super) fn held(&self) -> HeldBytes {
        HeldBytes {
            total: self.bytes.load(Ordering::Relaxed),
            application: self.application.load(Ordering::Relaxed),
        }
    }

    pub(super) fn add_commit(&self, expired: u64) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.expired.fetch_add(expired, Ordering::Relaxed);
    }

    pub(super) fn add_outcome(&self, outcome: &Result<ChangeOutcome, StoreError>) {
        let counter = match outcome {
            Ok(ChangeOutcome::Updated(Updated::Conflict)) => &self.conflicts,
            Err(StoreError::Full) => &self.refused,
            Err(_) => &self.failures,
            Ok(_) => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> StoreStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreStats {
            records: Some(read(&self.rows)),
            bytes: Some(read(&self.file)),
            capacity: None,
            application_bytes: Some(read(&self.application)),
            application_capacity: None,
            expired: read(&self.expired),
            refused: read(&self.refused),
            conflicts: read(&self.conflicts),
            commits: read(&self.commits),
            failures: read(&self.failures),
        }
    }
}
