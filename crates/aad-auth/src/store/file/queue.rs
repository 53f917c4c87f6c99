//! The changes that wait for the keeper.

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

use crate::store::{Created, Key, StoreError, Updated, Version};

/// Most bytes that may wait: a disk that has stopped must not fill the memory.
const MOST_WAITING: usize = 64 * 1024 * 1024;
/// Most changes of one transaction, and most of their bytes: a bound on what a flush writes.
const MOST_CHANGES: usize = 1024;
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How long a batch waits for company. Changes of requests that run side by side arrive one after
/// the other, and a flush for a few of them costs as much as one for all.
///
/// Only a small batch waits.
const GATHER: Duration = Duration::from_millis(1);
const FEW: usize = 64;

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

/// What became of a change.
#[derive(Clone, Copy)]
pub(super) enum ChangeOutcome {
    Created(Created),
    Updated(Updated),
    Flag(bool),
    Done,
}

/// A change with the caller who waits for it.
pub(super) struct Waiting {
    pub(super) change: StoreChange,
    pub(super) reply: oneshot::Sender<Result<ChangeOutcome, StoreError>>,
}

/// What the keeper is asked.
pub(super) enum QueuedChange {
    Change(Waiting),
    Close(oneshot::Sender<()>),
}

/// The callers' end.
pub(super) struct Inlet {
    sender: Sender<QueuedChange>,
    waiting: Arc<AtomicUsize>,
}

/// The keeper's end.
pub(super) struct Outlet {
    receiver: Receiver<QueuedChange>,
    waiting: Arc<AtomicUsize>,
    /// A request that did not belong into the batch before it.
    next: Option<QueuedChange>,
}

/// What the keeper does next.
pub(super) enum Work {
    Batch(Vec<Waiting>),
    Idle,
    /// With the caller who waits for it, or nobody when the store was dropped.
    Close(Option<oneshot::Sender<()>>),
}

pub(super) fn queue() -> (Inlet, Outlet) {
    let (sender, receiver) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let inlet = Inlet {
        sender,
        waiting: Arc::clone(&waiting),
    };
    let outlet = Outlet {
        receiver,
        waiting,
        next: None,
    };
    (inlet, outlet)
}

impl Inlet {
    /// Queues a change and waits until it is durable.
    pub(super) async fn submit(&self, change: StoreChange) -> Result<ChangeOutcome, StoreError> {
        let size = size(&change);
        if self.waiting.fetch_add(size, Ordering::Relaxed) > MOST_WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return Err(StoreError::Unavailable);
        }
        let (reply, answer) = oneshot::channel();
        let request = QueuedChange::Change(Waiting { change, reply });
        if self.sender.send(request).is_err() {
            return Err(StoreError::Stopped);
        }
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Asks the keeper to finish, and waits until it has.
    pub(super) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.sender.send(QueuedChange::Close(reply)).is_ok() {
            // An error says that the keeper is gone, which is what was asked.
            let _gone = done.await;
        }
    }
}

impl Outlet {
    /// Waits up to `patience` for a request; then takes all that wait, up to the bounds of one
    /// transaction.
    pub(super) fn next(&mut self, patience: Duration) -> Work {
        let first = match self.next.take() {
            Some(request) => Ok(request),
            None => self.receiver.recv_timeout(patience),
        };
        let first = match first {
            Ok(QueuedChange::Change(waiting)) => waiting,
            Ok(QueuedChange::Close(reply)) => return Work::Close(Some(reply)),
            Err(RecvTimeoutError::Timeout) => return Work::Idle,
            Err(RecvTimeoutError::Disconnected) => return Work::Close(None),
        };
        let mut bytes = self.taken(&first);
        let mut batch = vec![first];
        let mut gathered = false;
        while batch.len() < MOST_CHANGES && bytes < MOST_BYTES {
            let mut next = self.receiver.try_recv();
            let small = batch.len() < FEW;
            if small && !gathered && matches!(next, Err(TryRecvError::Empty)) {
                thread::sleep(GATHER);
                gathered = true;
                next = self.receiver.try_recv();
            }
            match next {
                Ok(QueuedChange::Change(waiting)) => {
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
        Work::Batch(batch)
    }

    /// Keeps a closing for the next turn.
    pub(super) fn put_back(&mut self, closer: Option<oneshot::Sender<()>>) {
        self.next = closer.map(QueuedChange::Close);
    }

    fn taken(&self, waiting: &Waiting) -> usize {
        let size = size(&waiting.change);
        self.waiting.fetch_sub(size, Ordering::Relaxed);
        size
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
