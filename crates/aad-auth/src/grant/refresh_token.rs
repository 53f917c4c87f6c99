//! Refreshing (RFC 6749 section 6).

use openidconnect::{RefreshToken, Scope};

use crate::{
    secret::{ExposeSecret, Secret},
    transport::CallPurpose,
};

use super::{
    GrantError, TokenResponse,
    token_request::{Answer, Grant, TokenClient, TokenEndpoint, TokenHttp, WireClient},
};

/// A refresh token and what it is to be exchanged for.
#[derive(Clone, Debug)]
pub struct RefreshTokenGrant {
    /// The refresh token.
    pub refresh_token: Secret,
    /// The scopes to ask for, of one resource. Empty: those granted before.
    pub scopes: Vec<String>,
}

impl TokenClient {
    /// Exchanges a refresh token for fresh tokens. An answer without a refresh token means that
    /// the old one stays in use; one without an ID token is complete.
    ///
    /// # Errors
    /// A [`GrantError`]. Only [`GrantError::Refused`] and [`GrantError::Spent`] say that the refresh
    /// token is of no use any more.
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

    fn send<'c>(&'c self, client: &'c WireClient, http: &'c TokenHttp) -> Answer<'c> {
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
