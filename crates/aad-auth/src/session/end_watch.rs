//! Notifies open streams of the end of their session.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use super::{Session, Sessions, session_cache::Lookup};
use crate::{
    clock::Timestamp,
    store::{Key, StoreError},
};

/// Completes when a session has ended: by sign-out here or at the provider, by revocation, or by its
/// timeouts. Created by [`Auth::until_ended`](crate::Auth::until_ended).
///
/// See [`Auth::until_ended`](crate::Auth::until_ended) for an example.
pub struct SessionEnd(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for SessionEnd {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

impl Sessions {
    /// Completes within a second after the session has ended, in whichever instance it ended. Waiting
    /// does not extend the idle timeout.
    ///
    /// An end in this process notifies at once. For all other ends, the instance asks the store twice a
    /// second for all watched sessions in one request, while there are any.
    pub fn until_ended(&self, session: &Arc<Session>) -> SessionEnd {
        let mut ended = self.watchers.subscribe(session);
        SessionEnd(Box::pin(async move {
            // An error means that the instance was dropped, so that it watches no more.
            let _ = ended.wait_for(|ended| *ended).await;
        }))
    }

    /// Watches sessions until the instance is dropped.
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
            match present.check_watched(&watched).await {
                Ok(()) => answered = Instant::now(),
                Err(error) => {
                    // Measured in real time: a request to a silent store takes long itself.
                    if answered.elapsed() >= OUTAGE {
                        tracing::warn!(%error, "streams end, because the store has not answered for 10 s whether their sessions are live");
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
        self.check_watched(&self.watchers.sessions()).await
    }

    /// Asks for the end of watched sessions, and notifies the streams of those that have ended.
    async fn check_watched(&self, watched: &[Arc<Session>]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut unknown = Vec::new();
        for session in watched {
            match self.knows_end_of(session, now) {
                Some(true) => self.watchers.end(&session.digest),
                Some(false) => {}
                None => unknown.push(session),
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        self.learn_void(now).await?;
        for some in unknown.chunks(BATCH) {
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

    /// Whether this process knows that the session has ended or is live. `None`: only the store knows.
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

/// Pause between two checks. Two a second notify within a second.
const INTERVAL: Duration = Duration::from_millis(500);
// Streams end within a second: half of it for the pause, half for the request to the store.
const _: () = assert!(INTERVAL.as_millis() <= 500);
/// How often an instance without streams checks whether it was dropped.
const LAZY: Duration = Duration::from_secs(5);
/// How long streams stay open while the store does not answer.
const OUTAGE: Duration = Duration::from_secs(10);
/// Sessions in one request to the store.
const BATCH: usize = 512;
