//! Refresh of tokens (RFC 6749 section 6).

use openidconnect::{RefreshToken, Scope};

use crate::{
    secret::{ExposeSecret, Secret},
    transport::CallPurpose,
};

use super::{
    GrantError, TokenResponse,
    token_http::TokenHttp,
    token_request::{Grant, GrantFuture, TokenClient, TokenEndpoint, WireClient},
};

/// A refresh token, with the requested scopes.
#[derive(Clone, Debug)]
pub struct RefreshTokenGrant {
    /// The refresh token.
    pub refresh_token: Secret,
    /// The requested scopes, of one resource. Empty requests the scopes granted before.
    pub scopes: Vec<String>,
}

impl TokenClient {
    /// Exchanges a refresh token for new tokens. Without a new refresh token, the old one stays in use. A
    /// response without an ID token is complete.
    ///
    /// # Errors
    /// A [`GrantError`]. Only after [`GrantError::Refused`] and [`GrantError::Spent`] the refresh token is
    /// unusable.
    pub async fn refresh(
        &self,
        endpoint: &TokenEndpoint,
        grant: &RefreshTokenGrant,
    ) -> Result<TokenResponse, GrantError> {
        self.request(endpoint, grant).await
    }
}

impl Grant for RefreshTokenGrant {
    const PURPOSE: CallPurpose = CallPurpose::Refresh;

    fn send<'c>(&'c self, client: &'c WireClient, http: &'c TokenHttp) -> GrantFuture<'c> {
        Box::pin(async move {
            let token = RefreshToken::new(self.refresh_token.expose_secret().to_owned());
            client
                .exchange_refresh_token(&token)
                .add_scopes(self.scopes.iter().cloned().map(Scope::new))
                .request_async(http)
                .await
        })
    }
}
