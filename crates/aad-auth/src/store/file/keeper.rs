//! The thread that owns the file: opens it, applies changes in batches, sweeps, closes.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use redb::Database;
use tokio::sync::oneshot;

use super::{
    fault::{FileFault, guarded, reason},
    ledger::Ledger,
    open,
    options::FileOptions,
    place::Place,
    queue::{ChangeOutcome, Outlet, Waiting, Work},
    recovery::Patience,
    reserve::Reserve,
    shared::{FileState, SharedFile},
    totals::ShareRoom,
};
use crate::store_room::{StoreError, share::Quota};

/// How often an idle keeper looks for expired records, and how many it looks at in one
/// transaction.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
const SWEEP_STEP: usize = 512;
/// How many a transaction that is written anyway looks at for each of its changes: more than
/// one, so that the sweep gains on the writers.
const SWEEP_ALONG: usize = 2;
const LOCK_POLL: Duration = Duration::from_millis(100);
/// The same while the disk is full: room may come back.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The keeper's state.
pub(super) struct Keeper {
    pub(super) shared: Arc<SharedFile>,
    pub(super) options: FileOptions,
    pub(super) outlet: Outlet,
    pub(super) next_version: u64,
    /// Replaced once the file's place is known.
    pub(super) reserve: Arc<Reserve>,
    pub(super) patience: Patience,
}

type Settled = (
    oneshot::Sender<Result<ChangeOutcome, StoreError>>,
    Result<ChangeOutcome, StoreError>,
);

impl Keeper {
    /// Runs until the store is closed or dropped, or cannot be opened at all.
    pub(super) fn run(mut self) {
        let place = match self.wait_for_place() {
            Ok(place) => place,
            Err(reason) => return self.fail(reason),
        };
        let size = self.options.disk_reserve;
        self.reserve = Arc::new(Reserve::new(place.reserve_path(), size));
        if let Err(reason) = self.open(&place) {
            return self.fail(reason);
        }
        loop {
            match self.serve(&place) {
                Ok(closer) => return self.close(place, closer),
                Err(reason) => self.recover(&place, reason),
            }
        }
    }

    /// A restart may overlap: the previous process gets its time to finish.
    fn wait_for_place(&self) -> Result<Place, StoreError> {
        let deadline = Instant::now() + self.options.lock_wait;
        let mut told = false;
        loop {
            match Place::take(&self.options.path) {
                Err(StoreError::Locked) if !self.shared.is_stopping() => {}
                outcome => return outcome,
            }
            if Instant::now() >= deadline {
                return Err(StoreError::Locked);
            }
            if !told {
                tracing::warn!(
                    wait = ?self.options.lock_wait,
                    "another process uses the session store's file; waiting for it to stop"
                );
                told = true;
            }
            thread::sleep(LOCK_POLL);
        }
    }

    pub(super) fn open(&self, place: &Place) -> Result<(), StoreError> {
        let begun = Instant::now();
        let (database, totals) = guarded(|| open::open(place, &self.options, &self.reserve))?;
        self.shared.counters.set_totals(totals);
        self.measure(place);
        self.put(FileState::Open(database));
        tracing::info!(
            records = totals.rows,
            elapsed = ?begun.elapsed(),
            "the session store's file is open"
        );
        Ok(())
    }

    /// Applies changes until the store is closed; returns who waits for that, if anybody.
    fn serve(&mut self, place: &Place) -> Result<Option<oneshot::Sender<()>>, StoreError> {
        let mut more_due = true;
        loop {
            self.look_after(place);
            let patience = match more_due {
                true => Duration::ZERO,
                false if self.shared.disk_full.load(Ordering::Relaxed) => LOOK_EVERY,
                false => SWEEP_EVERY,
            };
            let work = self.outlet.next(patience);
            match work {
                Work::Batch(batch) => more_due = self.commit(batch)?,
                Work::Idle => more_due = self.sweep()?,
                Work::Close(closer) => return Ok(closer),
            }
            self.measure(place);
        }
    }

    /// One transaction for the whole batch. Callers hear of it only once it is on the disk. Tells
    /// whether more may be due for the sweep.
    fn commit(&mut self, batch: Vec<Waiting>) -> Result<bool, StoreError> {
        let first_version = self.next_version;
        self.next_version = first_version.wrapping_add(batch.len() as u64);
        let along = batch.len().saturating_mul(SWEEP_ALONG);
        let mut settled: Vec<Settled> = Vec::with_capacity(batch.len());
        let mut batch = batch.into_iter();
        let written = self.transact(along, |ledger| {
            let mut version = first_version;
            for waiting in batch.by_ref() {
                let outcome = match ledger.apply(&waiting.change, version) {
                    Ok(outcome) => Ok(outcome),
                    Err(FileFault::Full) => Err(StoreError::Full),
                    Err(fault) => {
                        settled.push((waiting.reply, Err(StoreError::Unavailable)));
                        return Err(fault);
                    }
                };
                settled.push((waiting.reply, outcome));
                version = version.wrapping_add(1);
            }
            Ok(())
        });
        // After a failure it is unknown which of them the disk holds: nobody hears a yes.
        settled.extend(batch.map(|waiting| (waiting.reply, Err(StoreError::Unavailable))));
        for (reply, outcome) in settled {
            let outcome = written.and(outcome);
            self.shared.counters.add_outcome(&outcome);
            // The caller may have gone; the change stands.
            let _gone = reply.send(outcome);
        }
        written
    }

    fn sweep(&self) -> Result<bool, StoreError> {
        self.transact(SWEEP_STEP, |_| Ok(()))
    }

    /// Runs `work` in a transaction, sweeps up to `step` rows along, and flushes if anything was
    /// changed. Tells whether more may be due.
    fn transact(
        &self,
        step: usize,
        work: impl FnOnce(&mut Ledger<'_>) -> Result<(), FileFault>,
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
        work: impl FnOnce(&mut Ledger<'_>) -> Result<(), FileFault>,
    ) -> Result<bool, FileFault> {
        let mut transaction = database.begin_write()?;
        // A flush that failed must leave the last good state in force: what the system then shows
        // of the new one may never have reached the disk.
        transaction.set_two_phase_commit(true);
        // Without it, opening after a crash reads the whole file. A small one is read whole at
        // every opening: there each commit does without what this would write.
        let length = self.shared.counters.file_length();
        transaction.set_quick_repair(length > self.options.read_whole);
        let room = ShareRoom {
            quota: Quota::new(self.options.capacity),
            gauge: &self.shared.counters.gauge,
            disk_full: self.shared.disk_full.load(Ordering::Relaxed),
        };
        let mut ledger = Ledger::open(&transaction, self.options.clock.now(), room)?;
        work(&mut ledger)?;
        let (expired, more) = ledger.sweep(step)?;
        if !ledger.dirty {
            drop(ledger);
            transaction.abort()?;
            self.shared.set_stalled(false);
            return Ok(false);
        }
        let totals = ledger.finish()?;
        transaction.commit()?;
        self.shared.counters.set_totals(totals);
        self.shared.counters.add_commit(expired);
        self.shared.set_stalled(false);
        Ok(more)
    }

    fn close(mut self, place: Place, closer: Option<oneshot::Sender<()>>) {
        let compact = closer.is_some();
        let old = self.shared.replace(FileState::Failed(StoreError::Stopped));
        if let FileState::Open(database) = old {
            let closed = guarded(|| {
                open::close(database, &self.shared, compact);
                Ok(())
            });
            if closed.is_err() {
                tracing::error!("closing the session store's file panicked");
            }
        }
        drop(place);
        if let Some(closer) = closer {
            let _gone = closer.send(());
        }
        self.answer_late(StoreError::Stopped);
    }

    fn fail(mut self, reason: StoreError) {
        tracing::error!(%reason, "the session store's file cannot be opened");
        self.shared.replace(FileState::Failed(reason));
        self.answer_late(reason);
    }

    /// Answers who was in the queue, or closes twice, until the last handle is gone.
    fn answer_late(&mut self, reason: StoreError) {
        loop {
            match self.outlet.next(Duration::MAX) {
                Work::Batch(batch) => refuse(batch, reason),
                Work::Idle => {}
                Work::Close(Some(closer)) => {
                    self.shared.replace(FileState::Failed(StoreError::Stopped));
                    let _gone = closer.send(());
                }
                Work::Close(None) => return,
            }
        }
    }

    fn measure(&self, place: &Place) {
        if let Ok(Some(length)) = place.length() {
            self.shared.counters.set_file_length(length);
        }
    }
}

pub(super) fn refuse(batch: Vec<Waiting>, reason: StoreError) {
    for waiting in batch {
        let _gone = waiting.reply.send(Err(reason));
    }
}
