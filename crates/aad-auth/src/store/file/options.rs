//! Settings of a file store.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::clock::{Clock, SystemClock};

/// How to open a [`FileStore`](super::FileStore).
///
/// ```no_run
/// use std::time::Duration;
/// use aad_auth::store::{FileOptions, FileStore};
///
/// let options = FileOptions::new("/var/lib/shop/sessions")
///     .capacity(1024 * 1024 * 1024)
///     .lock_wait(Duration::from_secs(65));
/// let store = FileStore::open(options)?;
/// # drop(store);
/// # Ok::<_, std::io::Error>(())
/// ```
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
    /// A store in the file `path`. File and folder are created if they do not exist.
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

    /// The source of time; default the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long to wait for another process to release the file; default 35 s. Set it a little longer
    /// than the timeout of an orderly shutdown, so that a restart may overlap.
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

    /// Most bytes of live records, with overhead; default 8 GiB. Beyond it, creations return
    /// [`StoreError::Full`](crate::store::StoreError::Full). The file may be about twice as large.
    /// Application data may take at most a quarter of it.
    #[must_use]
    pub fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// Files of up to this many bytes are read whole and checked page by page at every opening;
    /// default 64 MiB, which takes some tens of milliseconds. Meanwhile operations return
    /// [`StoreError::Opening`](crate::store::StoreError::Opening). Each commit of a larger file also
    /// writes what makes opening after a crash fast; damage is then found when it is read.
    #[must_use]
    pub fn read_whole(mut self, bytes: u64) -> Self {
        self.read_whole = bytes;
        self
    }

    /// Bytes of the disk that the file `<path>.reserve` reserves for sign-outs; default 8 MiB. The file
    /// is shortened when the disk is full. Until it has its full size again, creations return
    /// [`StoreError::Full`](crate::store::StoreError::Full). 0: no reserve.
    #[must_use]
    pub fn disk_reserve(mut self, bytes: u64) -> Self {
        self.disk_reserve = bytes;
        self
    }
}
