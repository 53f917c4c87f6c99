//! `AAD_RECHECK`: whether an active user may still be here is asked of the provider by a refresh.
//!
//! A request that finds its session due starts the question in the background and goes on; the
//! answer concerns the next one. What tells when a session is due is in the session itself, in
//! memory: a request that is not due compares two numbers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{AcquireError, Acquirer, failed_rechecks::MAX_IN_A_ROW};
use crate::{
    clock::Timestamp,
    provider::Fault,
    random,
    session::{Session, SessionDigest},
    store::StoreError,
};

impl Acquirer {
    /// Rechecks the user of `session` when it is time to. Returns at once.
    ///
    /// A session without refresh token cannot be rechecked: it lives to its limits.
    pub fn recheck_if_due(self: &Arc<Self>, session: &Arc<Session>, now: Timestamp) {
        if now >= session.recheck_at() {
            self.recheck(session, now);
        }
    }

    #[cold]
    fn recheck(self: &Arc<Self>, session: &Arc<Session>, now: Timestamp) {
        // The sign-in itself was the first check.
        let first = session.signed_in_at() + self.recheck;
        if now < first {
            session.set_recheck_at(first);
            return;
        }
        let Ok(permit) = Arc::clone(&self.rechecks).try_acquire_owned() else {
            return;
        };
        // From here on no other request does it, unless this one is lost.
        let planned = self.schedule.claim(session.digest(), now);
        session.set_recheck_at(planned.unwrap_or(now + CLAIM));
        if planned.is_some() {
            return;
        }
        let (acquirer, session) = (Arc::clone(self), Arc::clone(session));
        let task = async move {
            let next = acquirer.ask(&session).await;
            drop(permit);
            acquirer
                .schedule
                .plan(session.digest(), next, acquirer.clock.now());
            session.set_recheck_at(next);
        };
        // Refused when the process is shutting down.
        let _ = self.transport.spawn(task);
    }

    /// Asks, and tells when to ask again.
    async fn ask(self: &Arc<Self>, session: &Arc<Session>) -> Timestamp {
        let error = match self.try_ask(session).await {
            Ok(next) => {
                self.failed_rechecks.forget(session.digest());
                return next;
            }
            Err(error) => error,
        };
        let now = self.clock.now();
        // What failed may have been the store: then a pause that is there is an old one.
        let pause = self.pauses.until(session.digest());
        let next = pause.filter(|at| *at > now).unwrap_or(now + CLAIM);
        if error.is_outage() {
            return next;
        }
        if self.must_end(session, &error, now) {
            match self.sessions.end(session).await {
                Ok(_) => self.failed_rechecks.forget(session.digest()),
                Err(error) => tracing::error!(%error, "a session could not be ended"),
            }
            return next;
        }
        // Spread out: what is wrong may be mended meanwhile.
        next.max(now + self.recheck / RETRIES)
    }

    /// Whether a session ends whose recheck has failed without an outage.
    fn must_end(&self, session: &Session, error: &AcquireError, now: Timestamp) -> bool {
        // Without a page the provider would not let this user in any more: neither do we. Signing in
        // again is the page.
        if matches!(error, AcquireError::InteractionRequired(Some(_))) {
            return true;
        }
        if matches!(error, AcquireError::SessionEnded(_)) {
            self.failed_rechecks.forget(session.digest());
            return false;
        }
        // An error may be that of another request, which is told to all until its pause is over.
        let spacing = self.recheck / (2 * RETRIES);
        let digest = session.digest();
        let too_many = self.failed_rechecks.is_one_too_many(digest, now, spacing);
        if too_many {
            let word = error.fault().map(Fault::error);
            tracing::warn!(
                word,
                %error,
                failures = MAX_IN_A_ROW,
                "a session was ended: its rechecks failed several times in a row although the \
                 provider answers, so that its user is not confirmed any more"
            );
        }
        too_many
    }

    async fn try_ask(self: &Arc<Self>, session: &Arc<Session>) -> Result<Timestamp, AcquireError> {
        let now = self.clock.now();
        let held = self.vault().get(session).await;
        let Some(held) = held.map_err(|error: StoreError| AcquireError::from(error))? else {
            return Ok(now + self.recheck);
        };
        let due = held.obtained_at + self.recheck;
        if now < due {
            return Ok(due);
        }
        if held.tokens.refresh_token.is_none() {
            return Ok(now + self.recheck);
        }
        match self.renew(session, held.version).await {
            Ok(renewed) => Ok(renewed.obtained_at + self.interval()),
            // The user was confirmed; what is missing is for a call of an API.
            Err(AcquireError::NoAccessToken) => Ok(now + self.interval()),
            Err(error) => Err(error),
        }
    }

    /// Up to a twentieth early, so that those who came together do not stay together.
    fn interval(&self) -> Duration {
        let [jitter] = random::bytes(&*self.random);
        self.recheck - self.recheck / 20 / 255 * u32::from(jitter)
    }
}

/// When sessions are due: for stores that give each request a session of its own.
#[derive(Default)]
pub(super) struct Schedule(Mutex<HashMap<SessionDigest, Timestamp>>);

impl Schedule {
    /// When the session is due, if that is later than `now`. Otherwise the caller has to ask, and
    /// nobody else does for a while.
    fn claim(&self, session: &SessionDigest, now: Timestamp) -> Option<Timestamp> {
        let mut planned = self.lock();
        if let Some(at) = planned.get(session).filter(|at| **at > now) {
            return Some(*at);
        }
        planned.insert(*session, now + CLAIM);
        None
    }

    fn plan(&self, session: &SessionDigest, at: Timestamp, now: Timestamp) {
        let mut planned = self.lock();
        if planned.len() >= MAX_PLANNED {
            planned.retain(|_, at| *at > now);
        }
        if planned.len() < MAX_PLANNED {
            planned.insert(*session, at);
        } else {
            planned.remove(session);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionDigest, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recheck that failed without an outage is repeated after this part of `AAD_RECHECK`.
const RETRIES: u32 = 4;
/// Longer than a recheck takes.
const CLAIM: Duration = Duration::from_secs(60);
/// Sessions beyond these are looked up again: once more in the vault, not at the provider.
const MAX_PLANNED: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn one_request_has_to_ask_and_the_others_do_not() {
        let schedule = Schedule::default();
        let session = SessionId::new(&SystemRandom).digest();
        assert_eq!(schedule.claim(&session, NOW), None);
        assert_eq!(schedule.claim(&session, NOW), Some(NOW + CLAIM));
        let next = NOW + Duration::from_secs(3600);
        schedule.plan(&session, next, NOW);
        assert_eq!(schedule.claim(&session, NOW + CLAIM), Some(next));
        assert_eq!(schedule.claim(&session, next), None);
    }

    #[test]
    fn the_schedule_is_bounded() {
        let schedule = Schedule::default();
        for _ in 0..MAX_PLANNED + 10 {
            let session = SessionId::new(&SystemRandom).digest();
            schedule.plan(&session, NOW + CLAIM, NOW);
        }
        assert_eq!(schedule.lock().len(), MAX_PLANNED);
    }
}
