//! The queue of changes for the writer thread.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
    },
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::store_room::{Created, Key, StoreError, Updated, Version};

/// Most bytes in the queue: a disk that does not respond must not fill the memory.
const MAX_QUEUED_BYTES: usize = 64 * 1024 * 1024;
/// Most changes of one transaction, and most bytes: they bound what a flush writes.
const MAX_CHANGES: usize = 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How long a small batch waits for further changes. Changes of concurrent requests arrive one after
/// the other, and a flush costs about the same for a few as for all.
const GATHERING_TIME: Duration = Duration::from_millis(1);
/// A batch with at least this many changes does not wait.
const SMALL_BATCH: usize = 64;

/// One change. Lives are already clamped.
pub(super) enum StoreChange {
    Create {
        key: Key,
        value: Box<[u8]>,
        ttl: Duration,
    },
    Update {
        key: Key,
        expected: Version,
        value: Box<[u8]>,
        ttl: Duration,
    },
    Touch {
        key: Key,
        ttl: Duration,
    },
    Delete {
        key: Key,
    },
    Put {
        set: Key,
        member: Box<str>,
        value: Box<[u8]>,
        ttl: Duration,
    },
    Remove {
        set: Key,
        member: Box<str>,
    },
}

/// The outcome of a change.
#[derive(Clone, Copy)]
pub(super) enum ChangeOutcome {
    Created(Created),
    Updated(Updated),
    Flag(bool),
    Done,
}

/// A change, and the channel to the caller that waits for it.
pub(super) struct PendingChange {
    pub(super) change: StoreChange,
    pub(super) reply: oneshot::Sender<Result<ChangeOutcome, StoreError>>,
}

/// A request to the writer thread.
pub(super) enum WriterRequest {
    Change(PendingChange),
    Close(oneshot::Sender<()>),
}

/// The callers' end of the queue.
pub(super) struct ChangeSender {
    sender: Sender<WriterRequest>,
    waiting: Arc<AtomicUsize>,
}

/// The writer thread's end of the queue.
pub(super) struct ChangeReceiver {
    receiver: Receiver<WriterRequest>,
    waiting: Arc<AtomicUsize>,
    /// A close request that was received while a batch was gathered.
    next: Option<WriterRequest>,
}

/// The next task of the writer thread.
pub(super) enum WriterTask {
    Batch(Vec<PendingChange>),
    Idle,
    /// Close the store. `Some` is the caller that waits for it; `None`: the store was dropped.
    Close(Option<oneshot::Sender<()>>),
}

pub(super) fn queue() -> (ChangeSender, ChangeReceiver) {
    let (sender, receiver) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let change_sender = ChangeSender {
        sender,
        waiting: Arc::clone(&waiting),
    };
    let change_receiver = ChangeReceiver {
        receiver,
        waiting,
        next: None,
    };
    (change_sender, change_receiver)
}

impl ChangeSender {
    /// Queues a change and waits until it is on the disk.
    pub(super) async fn submit(&self, change: StoreChange) -> Result<ChangeOutcome, StoreError> {
        let size = size(&change);
        if self.waiting.fetch_add(size, Ordering::Relaxed) > MAX_QUEUED_BYTES {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return Err(StoreError::Unavailable);
        }
        let (reply, answer) = oneshot::channel();
        let request = WriterRequest::Change(PendingChange { change, reply });
        if self.sender.send(request).is_err() {
            return Err(StoreError::Stopped);
        }
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Asks the writer thread to close the store, and waits for it.
    pub(super) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.sender.send(WriterRequest::Close(reply)).is_ok() {
            // An error means that the thread has ended already.
            let _gone = done.await;
        }
    }
}

impl ChangeReceiver {
    /// Waits up to `timeout` for a request, then takes all that are queued, up to the bounds of one
    /// transaction.
    pub(super) fn next(&mut self, timeout: Duration) -> WriterTask {
        let first = match self.next.take() {
            Some(request) => Ok(request),
            None => self.receiver.recv_timeout(timeout),
        };
        let first = match first {
            Ok(WriterRequest::Change(waiting)) => waiting,
            Ok(WriterRequest::Close(reply)) => return WriterTask::Close(Some(reply)),
            Err(RecvTimeoutError::Timeout) => return WriterTask::Idle,
            Err(RecvTimeoutError::Disconnected) => return WriterTask::Close(None),
        };
        let mut bytes = self.taken(&first);
        let mut batch = vec![first];
        let mut gathered = false;
        while batch.len() < MAX_CHANGES && bytes < MAX_BYTES {
            let mut next = self.receiver.try_recv();
            let small = batch.len() < SMALL_BATCH;
            if small && !gathered && matches!(next, Err(TryRecvError::Empty)) {
                thread::sleep(GATHERING_TIME);
                gathered = true;
                next = self.receiver.try_recv();
            }
            match next {
                Ok(WriterRequest::Change(waiting)) => {
                    bytes += self.taken(&waiting);
                    batch.push(waiting);
                }
                Ok(close) => {
                    self.next = Some(close);
                    break;
                }
                Err(_) => break,
            }
        }
        WriterTask::Batch(batch)
    }

    /// Keeps a close request for the next call of [`Self::next`].
    pub(super) fn put_back(&mut self, closer: Option<oneshot::Sender<()>>) {
        self.next = closer.map(WriterRequest::Close);
    }

    /// Subtracts a change from the queued bytes. Returns its bytes.
    fn taken(&self, waiting: &PendingChange) -> usize {
        let size = size(&waiting.change);
        self.waiting.fetch_sub(size, Ordering::Relaxed);
        size
    }
}

/// Answers a batch of changes with an error.
pub(super) fn refuse(batch: Vec<PendingChange>, reason: StoreError) {
    for waiting in batch {
        let _gone = waiting.reply.send(Err(reason));
    }
}

fn size(change: &StoreChange) -> usize {
    const OVERHEAD: usize = 512;
    OVERHEAD
        + match change {
            StoreChange::Create { value, .. }
            | StoreChange::Update { value, .. }
            | StoreChange::Put { value, .. } => value.len(),
            _ => 0,
        }
}
