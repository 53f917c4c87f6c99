//! Rechecks active users (`AAD_RECHECK`): a refresh asks the provider whether the user is still valid.
//!
//! A request whose session is due starts the recheck in the background and goes on. The result
//! applies to the next request. The decoded session holds the time of its next recheck, so a request
//! that is not due only compares two numbers.

use std::{sync::Arc, time::Duration};

use super::{AcquireError, Acquirer, failed_rechecks::MAX_IN_A_ROW, recheck_schedule::CLAIM};
use crate::{clock::Timestamp, provider::Fault, random, session::Session, store::StoreError};

impl Acquirer {
    /// Starts a recheck of the user in the background, if it is due. Does not wait.
    ///
    /// A session without a refresh token cannot be rechecked and lasts until its timeouts.
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
        // Other requests skip the recheck now. They start it again if this task is lost.
        let planned = self.schedule.claim(session.digest(), now);
        session.set_recheck_at(planned.unwrap_or(now + CLAIM));
        if planned.is_some() {
            return;
        }
        let (acquirer, session) = (Arc::clone(self), Arc::clone(session));
        let task = async move {
            let next = acquirer.recheck_now(&session).await;
            drop(permit);
            acquirer
                .schedule
                .plan(session.digest(), next, acquirer.clock.now());
            session.set_recheck_at(next);
        };
        // Refused when the process is shutting down.
        let _ = self.transport.spawn(task);
    }

    /// Rechecks the user and returns the time of the next recheck.
    async fn recheck_now(self: &Arc<Self>, session: &Arc<Session>) -> Timestamp {
        let error = match self.try_recheck(session).await {
            Ok(next) => {
                self.failed_rechecks.forget(session.digest());
                return next;
            }
            Err(error) => error,
        };
        let now = self.clock.now();
        // A store error leaves an older pause in place.
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
        // A fault of a few minutes must not use up all failures that a session may have.
        next.max(now + self.recheck / RETRIES)
    }

    /// Whether the session must end after this failure, which is no outage.
    fn must_end(&self, session: &Session, error: &AcquireError, now: Timestamp) -> bool {
        // The provider demands interaction, so it would not sign this user in silently. The user
        // signs in again, which is that interaction.
        if matches!(error, AcquireError::InteractionRequired(Some(_))) {
            return true;
        }
        if matches!(error, AcquireError::SessionEnded(_)) {
            self.failed_rechecks.forget(session.digest());
            return false;
        }
        // During a pause all requests get the error of one refresh: it must count once.
        let spacing = self.recheck / (2 * RETRIES);
        let digest = session.digest();
        let too_many = self.failed_rechecks.exceeds_limit(digest, now, spacing);
        if too_many {
            let provider_error = error.fault().map(Fault::error);
            tracing::warn!(
                provider_error,
                %error,
                failures = MAX_IN_A_ROW,
                "a session was ended: its rechecks failed several times in a row although the \
                 provider answers, so the provider no longer confirms its user"
            );
        }
        too_many
    }

    async fn try_recheck(
        self: &Arc<Self>,
        session: &Arc<Session>,
    ) -> Result<Timestamp, AcquireError> {
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
            // The refresh confirmed the user. Only the access token for an API is missing.
            Err(AcquireError::NoAccessToken) => Ok(now + self.interval()),
            Err(error) => Err(error),
        }
    }

    /// `AAD_RECHECK` less up to 1/20 at random, so that sessions of one moment spread out.
    fn interval(&self) -> Duration {
        let [jitter] = random::bytes(&*self.random);
        self.recheck - self.recheck / 20 / 255 * u32::from(jitter)
    }
}

/// A recheck that failed without an outage is repeated after 1/4 of `AAD_RECHECK`.
const RETRIES: u32 = 4;
