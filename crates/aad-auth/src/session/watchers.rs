//! The sessions that open streams watch.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

use super::{Session, id::SessionDigest};
use crate::clock::Timestamp;

/// The watched sessions: one entry per session, whatever the number of its streams, and only while it
/// has streams.
#[derive(Default)]
pub(super) struct Watchers {
    watched: Mutex<HashMap<SessionDigest, Watched>>,
    /// Notified when a stream begins to watch.
    pub(super) begun: Notify,
}

struct Watched {
    session: Arc<Session>,
    ended: watch::Sender<bool>,
}

impl Watchers {
    /// Notifies the streams of a session of its end.
    pub(super) fn end(&self, digest: &SessionDigest) {
        if let Some(watched) = self.lock().remove(digest) {
            watched.ended.send_replace(true);
        }
    }

    /// As [`Self::end`], for all sessions that began at `at` or before.
    pub(super) fn end_began_until(&self, at: Timestamp) {
        self.end_where(|session| session.began() <= at);
    }

    /// As [`Self::end`], for all sessions that fulfil a condition.
    pub(super) fn end_where(&self, has_ended: impl Fn(&Session) -> bool) {
        self.lock().retain(|_, watched| {
            let ended = has_ended(&watched.session);
            if ended {
                watched.ended.send_replace(true);
            }
            !ended
        });
    }

    /// Adds a stream to the session.
    pub(super) fn subscribe(&self, session: &Arc<Session>) -> watch::Receiver<bool> {
        let mut watched = self.lock();
        let entry = watched.entry(session.digest).or_insert_with(|| Watched {
            session: Arc::clone(session),
            ended: watch::Sender::new(false),
        });
        let receiver = entry.ended.subscribe();
        drop(watched);
        self.begun.notify_one();
        receiver
    }

    /// The sessions that still have streams.
    pub(super) fn sessions(&self) -> Vec<Arc<Session>> {
        let mut watched = self.lock();
        watched.retain(|_, watched| !watched.ended.is_closed());
        let sessions = watched.values();
        sessions.map(|one| Arc::clone(&one.session)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionDigest, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
