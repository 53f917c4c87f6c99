//! Commits changes in batches: one transaction and one flush for all that wait.

use std::sync::atomic::Ordering;

use redb::Database;
use tokio::sync::oneshot;

use super::{
    fault::{FileFault, guarded, reason},
    queue::{ChangeOutcome, PendingChange},
    totals::GrowthLimits,
    write_tables::WriteTables,
    writer::FileWriter,
};
use crate::store_room::{StoreError, capacity_share::ShareLimits};

/// Rows that the sweep of an idle writer examines in one transaction.
const SWEEP_STEP: usize = 512;
/// Rows that a commit examines for each of its changes: more than one, so that the sweep is faster
/// than the writes.
const SWEEP_PER_CHANGE: usize = 2;

/// A change's caller, and the outcome to send.
type Answered = (
    oneshot::Sender<Result<ChangeOutcome, StoreError>>,
    Result<ChangeOutcome, StoreError>,
);

impl FileWriter {
    /// Commits a batch in one transaction. Callers are answered after the flush. Returns whether more
    /// rows may be due for the sweep.
    pub(super) fn commit(&mut self, batch: Vec<PendingChange>) -> Result<bool, StoreError> {
        let first_version = self.next_version;
        self.next_version = first_version.wrapping_add(batch.len() as u64);
        let step = batch.len().saturating_mul(SWEEP_PER_CHANGE);
        let mut answered: Vec<Answered> = Vec::with_capacity(batch.len());
        let mut batch = batch.into_iter();
        let written = self.transact(step, |tables| {
            let mut version = first_version;
            for waiting in batch.by_ref() {
                let outcome = match tables.apply(&waiting.change, version) {
                    Ok(outcome) => Ok(outcome),
                    Err(FileFault::Full) => Err(StoreError::Full),
                    Err(fault) => {
                        answered.push((waiting.reply, Err(StoreError::Unavailable)));
                        return Err(fault);
                    }
                };
                answered.push((waiting.reply, outcome));
                version = version.wrapping_add(1);
            }
            Ok(())
        });
        // After a failure it is unknown which changes are on the disk, so none is confirmed.
        answered.extend(batch.map(|waiting| (waiting.reply, Err(StoreError::Unavailable))));
        for (reply, outcome) in answered {
            let outcome = written.and(outcome);
            self.shared.counters.add_outcome(&outcome);
            // The caller may have been dropped. The change stays made.
            let _gone = reply.send(outcome);
        }
        written
    }

    /// Sweeps expired rows. Returns whether more may be due.
    pub(super) fn sweep_expired(&self) -> Result<bool, StoreError> {
        self.transact(SWEEP_STEP, |_| Ok(()))
    }

    /// Runs `work` in a transaction, sweeps up to `step` rows, and flushes if anything has changed.
    /// Returns whether more rows may be due for the sweep.
    fn transact(
        &self,
        step: usize,
        work: impl FnOnce(&mut WriteTables<'_>) -> Result<(), FileFault>,
    ) -> Result<bool, StoreError> {
        guarded(|| {
            self.shared
                .with_writable(|database| self.transact_on(database, step, work).map_err(reason))
        })
    }

    fn transact_on(
        &self,
        database: &Database,
        step: usize,
        work: impl FnOnce(&mut WriteTables<'_>) -> Result<(), FileFault>,
    ) -> Result<bool, FileFault> {
        let mut transaction = database.begin_write()?;
        // After a failed flush, the last good state must stay valid: pages of the new one may be in the
        // system's cache only.
        transaction.set_two_phase_commit(true);
        // Quick repair spares reading the whole file after a crash, and costs writes at each commit. A
        // small file is read whole at every opening anyway, so its commits do without.
        let length = self.shared.counters.file_length();
        transaction.set_quick_repair(length > self.options.read_whole);
        let limits = GrowthLimits {
            share_limits: ShareLimits::new(self.options.capacity),
            full_shares: &self.shared.counters.full_shares,
            disk_full: self.shared.disk_full.load(Ordering::Relaxed),
        };
        let mut tables = WriteTables::open(&transaction, self.options.clock.now(), limits)?;
        work(&mut tables)?;
        let (expired, more) = tables.sweep(step)?;
        if !tables.dirty {
            drop(tables);
            transaction.abort()?;
            self.shared.set_stalled(false);
            return Ok(false);
        }
        let totals = tables.finish()?;
        transaction.commit()?;
        self.shared.counters.set_totals(totals);
        self.shared.counters.add_commit(expired);
        self.shared.set_stalled(false);
        Ok(more)
    }
}
