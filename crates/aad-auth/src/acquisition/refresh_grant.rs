//! The refresh grant: sends the refresh token, verifies the answer, merges the tokens.

use super::{AcquireError, Acquirer};
use crate::{
    grant::{GrantError, RefreshTokenGrant, TokenEndpoint, TokenResponse},
    provider::Metadata,
    secret::{ExposeSecret, Secret},
    session::{Session, TokenSet, UserSnapshot, Vaulted},
    validation::{ExpectedIdToken, ExpectedNonce},
};

impl Acquirer {
    /// Sends the refresh token and verifies the answer. The user is `None` without an ID token.
    pub(super) async fn exchange(
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
            // The old refresh token may be used up, so the new one is kept although its ID token
            // cannot be verified now. The user snapshot stays as it is.
            Err(AcquireError::Unavailable { .. }) => {
                response.id_token = None;
                Ok((response, None))
            }
            user => Ok((response, user?)),
        }
    }

    /// Verifies the ID token of a refresh, if there is one, and reads the user from it. It must name the
    /// same user (OpenID Connect Core 1.0 section 12.2).
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
                tracing::error!("the ID token of a refresh names another user and was refused");
                Err(AcquireError::Broken)
            }
        }
    }

    /// The new token set. What the answer omits is taken from the old one (RFC 6749 section 6).
    pub(super) fn merge(&self, held: &Vaulted, response: TokenResponse) -> TokenSet {
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
