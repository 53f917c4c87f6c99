//! The disk under the database: a full one is met with the room that the reserve has kept.

use std::{io, ops::Bound, sync::Arc};

use redb::{BackendError, StorageBackend, backends::FileBackend};

use super::{fault::is_full, reserve::Reserve};

/// The database's file. A write that finds the disk full gives up the reserve, step by step, and is
/// made again: redb keeps no database open after a failed write, so the transaction under way ends
/// well, and the keeper learns from the reserve that the disk is full.
#[derive(Debug)]
pub(super) struct Disk {
    file: FileBackend,
    reserve: Arc<Reserve>,
}

impl Disk {
    pub(super) fn new(file: FileBackend, reserve: Arc<Reserve>) -> Self {
        Self { file, reserve }
    }

    fn with_reserve(&self, write: impl Fn() -> io::Result<()>) -> io::Result<()> {
        loop {
            match write() {
                Err(error) if is_full(error.kind()) && self.reserve.give_up_a_step() => {}
                outcome => return outcome,
            }
        }
    }
}

type Locked<T> = Result<T, BackendError>;

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with_reserve(|| self.file.set_len(len))
    }

    /// Not made again: what the system could not write, it may have forgotten.
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.with_reserve(|| self.file.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.query_lock_range(start, end)
    }
}
