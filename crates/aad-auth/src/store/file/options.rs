//! The settings of a file store.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::clock::{Clock, SystemClock};

/// How to open a [`FileStore`](super::FileStore).
#[derive(Clone)]
pub struct FileOptions {
    pub(super) path: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lock_wait: Duration,
    pub(super) cache: usize,
    pub(super) capacity: u64,
    pub(super) read_whole: u64,
    pub(super) disk_reserve: u64,
}

impl FileOptions {
    /// The store in the file `path`, which is created if it does not exist, as is its folder.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            clock: Arc::new(SystemClock),
            lock_wait: Duration::from_secs(35),
            cache: 64 * 1024 * 1024,
            capacity: 8 * 1024 * 1024 * 1024,
            read_whole: 64 * 1024 * 1024,
            disk_reserve: 8 * 1024 * 1024,
        }
    }

    /// Where to read the time; default the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long to wait for another process to let go of the file; default 35 s. Set it to the
    /// time-out of an orderly shutdown and a little more, so that a restart may overlap.
    #[must_use]
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// Bytes of memory for cached pages; default 64 MiB.
    #[must_use]
    pub fn cache(mut self, bytes: usize) -> Self {
        self.cache = bytes;
        self
    }

    /// Most bytes of live records, book-keeping included; default 8 GiB. Beyond it creations
    /// answer [`StoreError::Full`](crate::store::StoreError::Full). The file may be about twice
    /// as large. Application data takes a quarter of it at the most.
    #[must_use]
    pub fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// Files of up to this many bytes are read whole and checked page by page at every opening;
    /// default 64 MiB, which takes some tens of milliseconds. Meanwhile the store does not answer.
    /// Each commit of a larger one saves what makes opening fast after a crash, and what is damaged
    /// shows when it is read.
    #[must_use]
    pub fn read_whole(mut self, bytes: u64) -> Self {
        self.read_whole = bytes;
        self
    }

    /// Bytes of the disk that a file `<path>.reserve` keeps free for sign-outs; default 8 MiB. They
    /// are given up when the disk is full, and until they can be taken again, sign-ins answer
    /// [`StoreError::Full`](crate::store::StoreError::Full). 0 keeps none.
    #[must_use]
    pub fn disk_reserve(mut self, bytes: u64) -> Self {
        self.disk_reserve = bytes;
        self
    }
}
