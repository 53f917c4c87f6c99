//! The refresh coordinator: single flight per session, in a task that outlives the request.
//!
//! A renewal never overwrites tokens that another writer has put into the vault.

use std::sync::Arc;

use super::{
    AcquireError, Acquirer,
    lease_wait::LeaseOutcome,
    renewal_key::{RenewalOutcome, TokenResource},
};
use crate::{
    provider::Fault,
    session::{Session, Vaulted},
    store::Version,
    sync::Waiter,
};

impl Acquirer {
    /// Returns tokens that are newer than the version `seen`: those of another writer, else refreshed
    /// ones.
    pub(super) async fn renew(
        self: &Arc<Self>,
        session: &Arc<Session>,
        seen: Version,
    ) -> RenewalOutcome {
        let outcome = self.start_renewal(session, seen)?.wait().await;
        // `None`: the task was dropped, because the process is shutting down.
        outcome.unwrap_or(Err(AcquireError::unavailable(1)))
    }

    /// Starts a renewal without waiting for it.
    pub(super) fn renew_in_background(self: &Arc<Self>, session: &Arc<Session>, held: &Vaulted) {
        // The task itself logs and counts a failure.
        if held.tokens.refresh_token.is_some() {
            drop(self.start_renewal(session, held.version));
        }
    }

    /// Joins the renewal of the session, or starts it in a task of its own.
    fn start_renewal(
        self: &Arc<Self>,
        session: &Arc<Session>,
        seen: Version,
    ) -> Result<Waiter<RenewalOutcome>, AcquireError> {
        let digest = *session.digest();
        if let Some(error) = self.pauses.check(&digest, self.clock.now()) {
            return Err(error);
        }
        let key = (digest, TokenResource::SignIn);
        let joined = self.renewals.join_or_start_within(key, MAX_RENEWALS);
        let (waiter, leader) = joined.ok_or(AcquireError::Busy)?;
        if let Some(leader) = leader {
            let (acquirer, session) = (Arc::clone(self), Arc::clone(session));
            let task = async move {
                let outcome = acquirer.renew_with_lease(&session, seen).await;
                let now = acquirer.clock.now();
                acquirer.pauses.note(&digest, now, outcome.as_ref().err());
                let ended = outcome
                    .as_ref()
                    .err()
                    .map_or("renewed", AcquireError::outcome);
                acquirer.refreshes.add(ended);
                if let Err(error) = &outcome {
                    report(error);
                }
                leader.finish(outcome);
            };
            // Refused when the process is shutting down: the leader is dropped, and waiters see that.
            let _ = self.transport.spawn(task);
        }
        Ok(waiter)
    }

    /// Renews under the refresh lease: among several instances, one at a time.
    async fn renew_with_lease(&self, session: &Arc<Session>, seen: Version) -> RenewalOutcome {
        let lease = match self.wait_for_lease(session, seen).await? {
            LeaseOutcome::Mine(lease) => lease,
            LeaseOutcome::Found(tokens) => return Ok(tokens),
        };
        let outcome = self.renew_under_lease(session, seen).await;
        if let Some(lease) = lease {
            self.vault().release_refresh_lease(lease).await;
        }
        outcome
    }

    async fn renew_under_lease(&self, session: &Arc<Session>, seen: Version) -> RenewalOutcome {
        let held = self.vault().get(session).await?;
        let held = held.ok_or(AcquireError::InteractionRequired(None))?;
        if held.version != seen {
            return Ok(Arc::new(held));
        }
        let refresh_token = held.tokens.refresh_token.clone();
        let refresh_token = refresh_token.ok_or(AcquireError::InteractionRequired(None))?;
        let (response, user) = match self.exchange(session, &held, refresh_token).await {
            Ok(answer) => answer,
            Err(error) => return self.after_failure(session, seen, error).await,
        };
        let lacks_access_token = response.access_token.is_none();
        let tokens = self.merge(&held, response);
        let stored = self.vault().replace(session, &held, &tokens).await?;
        if let (true, Some(user)) = (stored, user) {
            // The tokens are stored. A user update that is lost here comes with the next refresh.
            if let Err(error) = self.sessions.update_user(session, &user).await {
                tracing::warn!(%error, "the changed roles, groups or names of a user could not be stored");
            }
        }
        if lacks_access_token && held.tokens.access_token.is_some() {
            // The new refresh token and the user update are stored. The old access token stays in use
            // until it expires.
            return Err(AcquireError::NoAccessToken);
        }
        // Written by this call or by another writer. `None`: the session has ended, with its tokens.
        let kept = self.newer(session, seen).await?;
        kept.ok_or(AcquireError::SessionEnded(None))
    }

    /// Handles a failed exchange: returns newer tokens of another writer, else the error. The provider
    /// may have refused a refresh token that the other writer had replaced already. Newer tokens do
    /// not override this crate's own rules (`SessionEnded(None)`).
    async fn after_failure(
        &self,
        session: &Session,
        seen: Version,
        error: AcquireError,
    ) -> RenewalOutcome {
        if !matches!(error, AcquireError::SessionEnded(None))
            && let Some(newer) = self.newer(session, seen).await?
        {
            return Ok(newer);
        }
        if let AcquireError::SessionEnded(_) = error {
            self.sessions.end(session).await?;
        }
        Err(error)
    }
}

/// Logs a failed renewal, without the provider's description.
fn report(error: &AcquireError) {
    let codes = error.fault().map(|fault| fault.codes().to_vec());
    let provider_error = error.fault().map(Fault::error);
    match error {
        AcquireError::SessionEnded(_) => {
            tracing::info!(
                provider_error,
                ?codes,
                "a session was ended: the provider refused its refresh token"
            );
        }
        AcquireError::InteractionRequired(_) => {
            tracing::info!(
                provider_error,
                ?codes,
                "a refresh needs interaction with the user"
            );
        }
        error => tracing::warn!(%error, provider_error, ?codes, "a refresh failed"),
    }
}

/// Most renewals that may be under way in this process. Each has cost a request of a signed-in user.
const MAX_RENEWALS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::logged;

    #[test]
    fn r71_the_log_names_the_word_of_a_refused_refresh_and_not_the_sentence() {
        let body = br#"{"error":"invalid_request","error_description":"canary@example.test"}"#;
        let fault = || Some(Box::new(Fault::from_json(body).unwrap()));
        for error in [
            AcquireError::SessionEnded(fault()),
            AcquireError::InteractionRequired(fault()),
            AcquireError::Refused(fault()),
        ] {
            let line = logged(|| report(&error));
            assert!(line.contains("invalid_request"), "{line}");
            assert!(!line.contains("canary"), "{line}");
        }
    }
}
