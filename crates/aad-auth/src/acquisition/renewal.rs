//! The refresh coordinator: one refresh at a time for each session, in a task that outlives the
//! request, and never over what another writer has left in the vault.

use std::sync::Arc;

use super::{
    AcquireError, Acquirer,
    flights::{Outcome, Resource, Seat},
    refresh_lease::LeaseOutcome,
};
use crate::{
    grant::{GrantError, RefreshTokenGrant, TokenEndpoint, TokenResponse},
    provider::{Fault, Metadata},
    secret::{ExposeSecret, Secret},
    session::{Session, TokenSet, UserSnapshot, Vaulted},
    store::Version,
    validation::{ExpectedIdToken, ExpectedNonce},
};

impl Acquirer {
    /// Tokens that are newer than the writing `seen`: those that somebody else has left in the
    /// vault since, else refreshed ones.
    pub(super) async fn renew(self: &Arc<Self>, session: &Arc<Session>, seen: Version) -> Outcome {
        self.begin(session, seen)?.wait().await
    }

    /// The same, and nobody waits.
    pub(super) fn renew_in_background(self: &Arc<Self>, session: &Arc<Session>, held: &Vaulted) {
        // A failure is noted where it happens.
        if held.tokens.refresh_token.is_some() {
            drop(self.begin(session, held.version));
        }
    }

    fn begin(
        self: &Arc<Self>,
        session: &Arc<Session>,
        seen: Version,
    ) -> Result<Seat, AcquireError> {
        let digest = *session.digest();
        if let Some(error) = self.pauses.check(&digest, self.clock.now()) {
            return Err(error);
        }
        let flight = self.flights.join((digest, Resource::SignIn));
        let (seat, pilot) = flight.ok_or(AcquireError::Busy)?;
        if let Some(pilot) = pilot {
            let (acquirer, session) = (Arc::clone(self), Arc::clone(session));
            let task = async move {
                let outcome = acquirer.renew_alone(&session, seen).await;
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
                pilot.land(outcome);
            };
            // Refused when the process is shutting down: the seat then learns that nobody flies.
            let _ = self.transport.spawn(task);
        }
        Ok(seat)
    }

    /// What one process does at a time for a session, and among several instances one of them.
    async fn renew_alone(&self, session: &Arc<Session>, seen: Version) -> Outcome {
        let lease = match self.turn(session, seen).await? {
            LeaseOutcome::Mine(lease) => lease,
            LeaseOutcome::Found(tokens) => return Ok(tokens),
        };
        let outcome = self.renew_in_turn(session, seen).await;
        if let Some(lease) = lease {
            self.vault().give_back(lease).await;
        }
        outcome
    }

    async fn renew_in_turn(&self, session: &Arc<Session>, seen: Version) -> Outcome {
        let held = self.vault().get(session).await?;
        let held = held.ok_or(AcquireError::InteractionRequired(None))?;
        if held.version != seen {
            return Ok(Arc::new(held));
        }
        let refresh_token = held.tokens.refresh_token.clone();
        let refresh_token = refresh_token.ok_or(AcquireError::InteractionRequired(None))?;
        let (response, user) = match self.exchange(session, &held, refresh_token).await {
            Ok(answer) => answer,
            Err(error) => return self.give_up(session, seen, error).await,
        };
        let lacks_access_token = response.access_token.is_none();
        let tokens = self.merge(&held, response);
        let stored = self.vault().replace(session, &held, &tokens).await?;
        if let (true, Some(user)) = (stored, user) {
            // The tokens are safe; what is missed here comes with the next refresh.
            if let Err(error) = self.sessions.take_over(session, &user).await {
                tracing::warn!(%error, "news about a user could not be kept");
            }
        }
        if lacks_access_token && held.tokens.access_token.is_some() {
            // The refresh token and what is known of the user are kept; the old access token serves
            // for as long as it lives.
            return Err(AcquireError::NoAccessToken);
        }
        // Stored by us or by another writer. With the session, its tokens are gone.
        let kept = self.newer(session, seen).await?;
        kept.ok_or(AcquireError::SessionEnded(None))
    }

    /// What follows from an exchange that has failed. Tokens that another writer has left meanwhile
    /// count more than what the provider says of those that they have replaced; not more than our
    /// own rules.
    async fn give_up(&self, session: &Session, seen: Version, error: AcquireError) -> Outcome {
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

    async fn exchange(
        &self,
        session: &Session,
        held: &Vaulted,
        refresh_token: Secret,
    ) -> Result<(TokenResponse, Option<UserSnapshot>), AcquireError> {
        let metadata = self.verifier.provider().metadata().await?;
        let grant = RefreshTokenGrant {
            refresh_token,
            scopes: Vec::new(),
        };
        let endpoint = TokenEndpoint::from(&*metadata);
        let answer = self.tokens.refresh(&endpoint, &grant).await;
        let mut response = answer.inspect_err(|error| {
            if let GrantError::Broken(answer) = error {
                tracing::warn!(%answer, "the answer to a refresh cannot be used");
            }
        })?;
        match self.verify(session, held, &metadata, &response).await {
            // The old refresh token may be used up: its successor must not be lost because it is
            // unknown now what the ID token says. Who is signed in, and what is known of them,
            // stays as it was.
            Err(AcquireError::Unavailable { .. }) => {
                response.id_token = None;
                Ok((response, None))
            }
            user => Ok((response, user?)),
        }
    }

    /// What the ID token of a refresh says, if there is one. It must speak of the same user
    /// (OpenID Connect Core 1.0 section 12.2): who is signed in never changes.
    async fn verify(
        &self,
        session: &Session,
        held: &Vaulted,
        metadata: &Metadata,
        response: &TokenResponse,
    ) -> Result<Option<UserSnapshot>, AcquireError> {
        let Some(raw) = &response.id_token else {
            return Ok(None);
        };
        let claims = held.tokens.id_token_claims().unwrap_or_default();
        let nonce = claims.get("nonce").and_then(|nonce| nonce.as_str());
        let expected = ExpectedIdToken {
            nonce: ExpectedNonce::NoneOr(nonce),
            access_token: response.access_token.as_ref().map(Secret::expose_secret),
            code: None,
            max_age: None,
        };
        let token = self
            .verifier
            .id_token(raw.expose_secret(), expected)
            .await?;
        let user = UserSnapshot::of(&token, session.user().scopes.clone());
        match user {
            Some(user) if user.is_same_user(session.user()) => {
                let user = self
                    .complete(user, session, metadata, response, &token)
                    .await?;
                Ok(Some(user))
            }
            _ => {
                tracing::error!("the ID token of a refresh speaks of another user: refused");
                Err(AcquireError::Broken)
            }
        }
    }

    /// What an answer leaves out stays as it was (RFC 6749 section 6).
    fn merge(&self, held: &Vaulted, response: TokenResponse) -> TokenSet {
        let old = held.tokens.clone();
        let expires_at = match (&response.access_token, &old.access_token) {
            (None, Some(_)) => old.expires_at,
            _ => self.clock.now() + response.expires_in,
        };
        TokenSet {
            access_token: response.access_token.or(old.access_token),
            expires_at,
            scopes: response.scopes.unwrap_or(old.scopes),
            refresh_token: response.refresh_token.or(old.refresh_token),
            id_token: response.id_token.or(old.id_token),
        }
    }
}

fn report(error: &AcquireError) {
    let codes = error.fault().map(|fault| fault.codes().to_vec());
    let word = error.fault().map(Fault::error);
    match error {
        AcquireError::SessionEnded(_) => {
            tracing::info!(
                word,
                ?codes,
                "a session was ended: the provider does not know it any more"
            );
        }
        AcquireError::InteractionRequired(_) => {
            tracing::info!(word, ?codes, "a refresh needs the user");
        }
        error => tracing::warn!(%error, word, ?codes, "a refresh failed"),
    }
}

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
