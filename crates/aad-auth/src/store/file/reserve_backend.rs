//! The database's storage backend: when the disk is full, it uses the reserve.

use std::{io, ops::Bound, sync::Arc};

use redb::{BackendError, StorageBackend, backends::FileBackend};

use super::{disk_reserve::DiskReserve, fault::is_full};

/// The database's file. When the disk is full, a write shortens the reserve step by step and is tried
/// again. redb refuses to use a database after a failed write, so this lets the transaction under way
/// succeed. The writer sees from the reserve that the disk is full.
#[derive(Debug)]
pub(super) struct ReserveBackend {
    file: FileBackend,
    reserve: Arc<DiskReserve>,
}

impl ReserveBackend {
    pub(super) fn new(file: FileBackend, reserve: Arc<DiskReserve>) -> Self {
        Self { file, reserve }
    }

    fn with_reserve(&self, write: impl Fn() -> io::Result<()>) -> io::Result<()> {
        loop {
            match write() {
                Err(error) if is_full(error.kind()) && self.reserve.release_step() => {}
                outcome => return outcome,
            }
        }
    }
}

type Locked<T> = Result<T, BackendError>;

impl StorageBackend for ReserveBackend {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with_reserve(|| self.file.set_len(len))
    }

    /// Not tried again: after a failed flush, the system may have dropped the pages.
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
