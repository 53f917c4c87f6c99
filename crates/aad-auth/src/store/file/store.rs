//! The file store: implements the trait with the writer thread and the reader.

use std::{
    io,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    disk_reserve::DiskReserve,
    disk_retry::DiskRetry,
    options::FileOptions,
    queue::{ChangeOutcome, ChangeSender, StoreChange, queue},
    reader,
    shared::SharedFile,
    writer::FileWriter,
};
use crate::{
    clock::Clock,
    random::{SystemRandom, bytes},
    store_room::{
        Created, Key, Member, Record, Store, StoreError, StoreFuture, StoreHealth, StoreStats,
        Updated, Version, limits,
    },
};

/// How long a change may wait for the disk. After it, the caller does not learn the outcome.
const PATIENCE: Duration = Duration::from_secs(10);

/// The embedded durable store: a file that one process writes. A change returns after its flush to the
/// disk, so it survives `kill -9` and a power cut.
///
/// A flush takes milliseconds, and concurrent changes share one. Start several changes together
/// (`join`): they are applied in the order in which their futures are first polled.
///
/// [`close`](Store::close) it at shutdown, which also compacts the file. Dropping it waits for the last
/// flush.
///
/// See [`FileOptions`](super::FileOptions) for an example.
pub struct FileStore {
    shared: Arc<SharedFile>,
    clock: Arc<dyn Clock>,
    /// `None` only while it is being dropped.
    change_sender: Option<ChangeSender>,
    writer: Option<JoinHandle<()>>,
}

impl FileStore {
    /// Opens the file in the background. Operations return [`StoreError::Opening`] until it is open. Wait
    /// with [`opened`](Self::opened), or check [`health`](Store::health).
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn open(options: FileOptions) -> io::Result<Self> {
        let shared = Arc::new(SharedFile::new(options.capacity));
        let (change_sender, change_receiver) = queue();
        let clock = Arc::clone(&options.clock);
        let writer = FileWriter {
            shared: Arc::clone(&shared),
            options,
            change_receiver,
            // A random start: versions must not recur after a restart either.
            next_version: u64::from_le_bytes(bytes(&SystemRandom)),
            reserve: Arc::new(DiskReserve::new(PathBuf::new(), 0)),
            disk_retry: DiskRetry::default(),
        };
        let thread = thread::Builder::new()
            .name("aad-store".into())
            .spawn(move || writer.run())?;
        Ok(Self {
            shared,
            clock,
            change_sender: Some(change_sender),
            writer: Some(thread),
        })
    }

    /// Waits until the file is open.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process still holds the file after
    /// [`FileOptions::lock_wait`]; [`StoreError::Denied`]; [`StoreError::Corrupt`], which leaves the file
    /// unchanged.
    pub async fn opened(&self) -> Result<(), StoreError> {
        self.shared.opened().await
    }

    /// Blocks the calling thread until the file is open, at most for `timeout`. So a file that cannot be
    /// opened is an error at the start of the application.
    ///
    /// # Errors
    /// As [`opened`](Self::opened); [`StoreError::Opening`] after the timeout.
    pub fn opened_within(&self, timeout: Duration) -> Result<(), StoreError> {
        self.shared.wait_until_opened(timeout)
    }

    async fn submit(&self, change: StoreChange) -> Result<ChangeOutcome, StoreError> {
        self.shared.check()?;
        let change_sender = self.change_sender.as_ref().ok_or(StoreError::Stopped)?;
        match tokio::time::timeout(PATIENCE, change_sender.submit(change)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.shared.set_stalled(true);
                Err(StoreError::Unavailable)
            }
        }
    }

    async fn flag(&self, change: StoreChange) -> Result<bool, StoreError> {
        match self.submit(change).await? {
            ChangeOutcome::Flag(flag) => Ok(flag),
            _ => Err(StoreError::Corrupt),
        }
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        self.shared.stop();
        drop(self.change_sender.take());
        if let Some(writer) = self.writer.take() {
            // The thread catches panics of the database itself; another error has no reader here.
            let _ended = writer.join();
        }
    }
}

impl Store for FileStore {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            let now = self.clock.now();
            self.shared
                .read(|database| reader::get(database, key, now))
                .await
        })
    }

    fn create<'a>(
        &'a self,
        key: &'a Key,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Created> {
        Box::pin(async move {
            limits::check_value(value)?;
            let change = StoreChange::Create {
                key: key.clone(),
                value: value.into(),
                ttl: limits::clamp_life(ttl),
            };
            match self.submit(change).await? {
                ChangeOutcome::Created(created) => Ok(created),
                _ => Err(StoreError::Corrupt),
            }
        })
    }

    fn update<'a>(
        &'a self,
        key: &'a Key,
        expected: Version,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, Updated> {
        Box::pin(async move {
            limits::check_value(value)?;
            let change = StoreChange::Update {
                key: key.clone(),
                expected,
                value: value.into(),
                ttl: limits::clamp_life(ttl),
            };
            match self.submit(change).await? {
                ChangeOutcome::Updated(updated) => Ok(updated),
                _ => Err(StoreError::Corrupt),
            }
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.flag(StoreChange::Touch {
            key: key.clone(),
            ttl: limits::clamp_life(ttl),
        }))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(self.flag(StoreChange::Delete { key: key.clone() }))
    }

    fn index_put<'a>(
        &'a self,
        set: &'a Key,
        member: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            limits::check_member(member, value)?;
            let change = StoreChange::Put {
                set: set.clone(),
                member: member.into(),
                value: value.into(),
                ttl: limits::clamp_life(ttl),
            };
            self.submit(change).await.map(|_| ())
        })
    }

    fn index_remove<'a>(&'a self, set: &'a Key, member: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(self.flag(StoreChange::Remove {
            set: set.clone(),
            member: member.into(),
        }))
    }

    fn index_list<'a>(&'a self, set: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        Box::pin(async move {
            let now = self.clock.now();
            self.shared
                .read(|database| reader::list(database, set, now))
                .await
        })
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "file"
    }

    fn health(&self) -> Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        Box::pin(std::future::ready(self.shared.health()))
    }

    fn stats(&self) -> StoreStats {
        self.shared.stats()
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.shared.stop();
            if let Some(change_sender) = &self.change_sender {
                change_sender.close().await;
            }
            Ok(())
        })
    }
}
