//! The loop of the writer thread: waits for the file, applies changes, closes.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    disk_reserve::DiskReserve,
    fault::guarded,
    open,
    queue::{WriterTask, refuse},
    shared::FileState,
    store_files::StoreFiles,
    writer::FileWriter,
};
use crate::store::StoreError;

/// How often an idle writer sweeps expired records.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How often an idle writer checks the disk while it is full.
const CHECK_FULL_DISK_EVERY: Duration = Duration::from_secs(1);
/// How often the writer tries to lock a file that another process uses.
const LOCK_POLL: Duration = Duration::from_millis(100);

impl FileWriter {
    /// Runs until the store is closed or dropped, or cannot be opened at all.
    pub(super) fn run(mut self) {
        let files = match self.wait_for_files() {
            Ok(files) => files,
            Err(reason) => return self.fail(reason),
        };
        let size = self.options.disk_reserve;
        self.reserve = Arc::new(DiskReserve::new(files.reserve_path(), size));
        if let Err(reason) = self.open(&files) {
            return self.fail(reason);
        }
        loop {
            match self.serve(&files) {
                Ok(closer) => return self.close(files, closer),
                Err(reason) => self.recover(&files, reason),
            }
        }
    }

    /// Waits until the previous process releases the files: a restart may overlap.
    fn wait_for_files(&self) -> Result<StoreFiles, StoreError> {
        let deadline = Instant::now() + self.options.lock_wait;
        let mut logged = false;
        loop {
            match StoreFiles::lock(&self.options.path) {
                Err(StoreError::Locked) if !self.shared.is_stopping() => {}
                outcome => return outcome,
            }
            if Instant::now() >= deadline {
                return Err(StoreError::Locked);
            }
            if !logged {
                tracing::warn!(
                    wait = ?self.options.lock_wait,
                    "another process uses the session store's file; waiting for it to stop"
                );
                logged = true;
            }
            thread::sleep(LOCK_POLL);
        }
    }

    /// Applies changes until the store is closed. Returns the caller that waits for the close, if any.
    fn serve(&mut self, files: &StoreFiles) -> Result<Option<oneshot::Sender<()>>, StoreError> {
        let mut more_due = true;
        loop {
            self.check_disk(files);
            let timeout = match more_due {
                true => Duration::ZERO,
                false if self.shared.disk_full.load(Ordering::Relaxed) => CHECK_FULL_DISK_EVERY,
                false => SWEEP_EVERY,
            };
            let work = self.change_receiver.next(timeout);
            match work {
                WriterTask::Batch(batch) => more_due = self.commit(batch)?,
                WriterTask::Idle => more_due = self.sweep_expired()?,
                WriterTask::Close(closer) => return Ok(closer),
            }
            self.measure(files);
        }
    }

    /// Closes the database, and answers later callers until the last handle is dropped.
    fn close(mut self, files: StoreFiles, closer: Option<oneshot::Sender<()>>) {
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
        drop(files);
        if let Some(closer) = closer {
            let _gone = closer.send(());
        }
        self.answer_late(StoreError::Stopped);
    }

    /// Answers all callers with the reason why the file cannot be opened.
    fn fail(mut self, reason: StoreError) {
        tracing::error!(%reason, "the session store's file cannot be opened");
        self.shared.replace(FileState::Failed(reason));
        self.answer_late(reason);
    }

    /// Answers queued changes and repeated closes until the last handle is dropped.
    fn answer_late(&mut self, reason: StoreError) {
        loop {
            match self.change_receiver.next(Duration::MAX) {
                WriterTask::Batch(batch) => refuse(batch, reason),
                WriterTask::Idle => {}
                WriterTask::Close(Some(closer)) => {
                    self.shared.replace(FileState::Failed(StoreError::Stopped));
                    let _gone = closer.send(());
                }
                WriterTask::Close(None) => return,
            }
        }
    }
}
