//! The file store: the port on top of keeper and reader.

use std::{
    io,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    keeper::Keeper,
    options::FileOptions,
    queue::{ChangeOutcome, Inlet, StoreChange, queue},
    reader,
    recovery::Patience,
    reserve::Reserve,
    shared::SharedFile,
};
use crate::{
    clock::Clock,
    random::{SystemRandom, bytes},
    store_room::{
        Created, Key, Member, Record, Store, StoreError, StoreFuture, StoreHealth, StoreStats,
        Updated, Version, limits,
    },
};

/// How long a change may wait for the disk. After that its outcome is unknown to the caller.
const PATIENCE: Duration = Duration::from_secs(10);

/// The embedded durable store: a file that one process writes. When a change returns, it has been
/// flushed to the disk, and survives `kill -9` and a power cut.
///
/// A flush takes milliseconds, and changes that wait at the same time share one. Where several
/// changes are to be made, start them together (`join`): they are applied in the order in which
/// their futures are first polled.
///
/// [`close`](Store::close) it at shutdown: that also gives unused room of the file back. Dropping
/// it waits for the last flush.
pub struct FileStore {
    shared: Arc<SharedFile>,
    clock: Arc<dyn Clock>,
    /// `None` only while it is being dropped.
    inlet: Option<Inlet>,
    keeper: Option<JoinHandle<()>>,
}

impl FileStore {
    /// Begins to open the file, in the background: operations answer [`StoreError::Opening`]
    /// until that is done. Wait with [`opened`](Self::opened), or look at
    /// [`health`](Store::health).
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn open(options: FileOptions) -> io::Result<Self> {
        let shared = Arc::new(SharedFile::new(options.capacity));
        let (inlet, outlet) = queue();
        let clock = Arc::clone(&options.clock);
        let keeper = Keeper {
            shared: Arc::clone(&shared),
            options,
            outlet,
            // Versions must not come again after a restart either.
            next_version: u64::from_le_bytes(bytes(&SystemRandom)),
            reserve: Arc::new(Reserve::new(PathBuf::new(), 0)),
            patience: Patience::default(),
        };
        let thread = thread::Builder::new()
            .name("aad-store".into())
            .spawn(move || keeper.run())?;
        Ok(Self {
            shared,
            clock,
            inlet: Some(inlet),
            keeper: Some(thread),
        })
    }

    /// Waits until the file is open.
    ///
    /// # Errors
    /// Why it cannot be opened: [`StoreError::Locked`] when another process still held it after
    /// the time that [`FileOptions::lock_wait`] allows, [`StoreError::Denied`],
    /// [`StoreError::Corrupt`] (it is then left as it is).
    pub async fn opened(&self) -> Result<(), StoreError> {
        self.shared.opened().await
    }

    /// Waits in the calling thread until the file is open, but no longer than `patience`: so that
    /// what can be told at once is an error of the start.
    ///
    /// # Errors
    /// Why it cannot be opened; [`StoreError::Opening`] when that is not known yet.
    pub fn opened_within(&self, patience: Duration) -> Result<(), StoreError> {
        self.shared.settled_within(patience)
    }

    async fn submit(&self, change: StoreChange) -> Result<ChangeOutcome, StoreError> {
        self.shared.check()?;
        let inlet = self.inlet.as_ref().ok_or(StoreError::Stopped)?;
        match tokio::time::timeout(PATIENCE, inlet.submit(change)).await {
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
        drop(self.inlet.take());
        if let Some(keeper) = self.keeper.take() {
            // The keeper guards itself against panics; there is nobody left to tell.
            let _ended = keeper.join();
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
                ttl: limits::life(ttl),
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
                ttl: limits::life(ttl),
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
            ttl: limits::life(ttl),
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
                ttl: limits::life(ttl),
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
            if let Some(inlet) = &self.inlet {
                inlet.close().await;
            }
            Ok(())
        })
    }
}
