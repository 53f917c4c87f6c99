//! Whoever holds a response open learns that its session has ended.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

use super::{Session, Sessions, cache::Lookup, id::SessionDigest};
use crate::{
    clock::Timestamp,
    store::{Key, StoreError},
};

/// Completes when a session has ended: by a sign-out here or at the provider, by revocation, or by
/// its limits. Made by `Auth::until_ended`.
pub struct SessionEnd(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for SessionEnd {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

/// The sessions of which somebody wants to know the end: one entry a session, however many streams
/// it has, and only while there are any.
#[derive(Default)]
pub(super) struct Watchers {
    watched: Mutex<HashMap<SessionDigest, Watched>>,
    begun: Notify,
}

struct Watched {
    session: Arc<Session>,
    ended: watch::Sender<bool>,
}

impl Watchers {
    /// Tells those who wait for the end of a session.
    pub(super) fn end(&self, digest: &SessionDigest) {
        if let Some(watched) = self.lock().remove(digest) {
            watched.ended.send_replace(true);
        }
    }

    /// As [`Self::end`], for all sessions that began until `at`.
    pub(super) fn end_began_until(&self, at: Timestamp) {
        self.end_where(|session| session.began() <= at);
    }

    fn end_where(&self, has_ended: impl Fn(&Session) -> bool) {
        self.lock().retain(|_, watched| {
            let ended = has_ended(&watched.session);
            if ended {
                watched.ended.send_replace(true);
            }
            !ended
        });
    }

    fn subscribe(&self, session: &Arc<Session>) -> watch::Receiver<bool> {
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

    /// The sessions whose end is still waited for.
    fn sessions(&self) -> Vec<Arc<Session>> {
        let mut watched = self.lock();
        watched.retain(|_, watched| !watched.ended.is_closed());
        let sessions = watched.values();
        sessions.map(|one| Arc::clone(&one.session)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionDigest, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    /// Completes when the session has ended, at the latest a second later, wherever it was ended.
    /// Waiting is no activity: the idle clock runs on, and its end completes this too.
    ///
    /// An end in this process is told at once. Everything else is found by one look at the store
    /// for all watched sessions of the instance, twice a second and only while there are any.
    pub fn until_ended(&self, session: &Arc<Session>) -> SessionEnd {
        let mut ended = self.watchers.subscribe(session);
        SessionEnd(Box::pin(async move {
            // A sender that is gone belongs to an instance that is gone: nobody keeps watch.
            let _ = ended.wait_for(|ended| *ended).await;
        }))
    }

    /// Looks after the watched sessions for as long as the instance lives.
    pub async fn keep_watch(sessions: Weak<Self>) {
        let mut answered = Instant::now();
        loop {
            let Some(present) = sessions.upgrade() else {
                return;
            };
            let watched = present.watchers.sessions();
            if watched.is_empty() {
                let begun = tokio::time::timeout(LAZY, present.watchers.begun.notified());
                drop(begun.await);
                answered = Instant::now();
                continue;
            }
            match present.look_after(&watched).await {
                Ok(()) => answered = Instant::now(),
                Err(error) => {
                    // By the clock on the wall: a question to a store that is silent takes its time.
                    if answered.elapsed() >= OUTAGE {
                        tracing::warn!(%error, "streams end: nobody can tell whether their sessions live");
                        present.watchers.end_where(|_| true);
                    }
                }
            }
            drop(present);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    #[cfg(test)]
    pub(super) async fn look_again(&self) -> Result<(), StoreError> {
        self.look_after(&self.watchers.sessions()).await
    }

    async fn look_after(&self, watched: &[Arc<Session>]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut asked = Vec::new();
        for session in watched {
            match self.knows_end_of(session, now) {
                Some(true) => self.watchers.end(&session.digest),
                Some(false) => {}
                None => asked.push(session),
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        self.learn_void(now).await?;
        for some in asked.chunks(AT_ONCE) {
            let keys = some.iter().map(|session| self.record_key(&session.digest));
            let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
            for (session, lives) in some.iter().zip(self.store.alive(&keys).await?) {
                if !lives || self.is_void(session.began(), now) {
                    self.watchers.end(&session.digest);
                }
            }
        }
        Ok(())
    }

    /// Whether a session has ended, as far as this process knows. `None`: the store has to be
    /// asked.
    fn knows_end_of(&self, session: &Session, now: Timestamp) -> Option<bool> {
        if now >= session.ends_at() || self.is_void(session.began(), now) {
            return Some(true);
        }
        match self.cache.as_ref()?.get(&session.digest) {
            Lookup::Live { session, touched } => {
                Some(now >= session.ends_at() || now >= touched + self.limits.idle)
            }
            Lookup::Ending | Lookup::Ended => Some(true),
            Lookup::Unknown => None,
        }
    }
}

/// Two looks a second keep the promise of one second.
const INTERVAL: Duration = Duration::from_millis(500);
// Streams end within a second: half of it to look, half to ask the store.
const _: () = assert!(INTERVAL.as_millis() <= 500);
/// How often an instance without streams looks whether it is still needed.
const LAZY: Duration = Duration::from_secs(5);
/// How long streams go on while the store does not answer.
const OUTAGE: Duration = Duration::from_secs(10);
/// Sessions in one question to the store.
const AT_ONCE: usize = 512;
