//! Redemption of an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use std::borrow::Cow;

use openidconnect::{AuthorizationCode, PkceCodeVerifier, RedirectUrl, RequestTokenError};

use crate::{
    secret::{ExposeSecret, Secret},
    transport::CallPurpose,
};

use super::{
    BrokenAnswer, GrantError, TokenResponse,
    token_http::TokenHttp,
    token_request::{Grant, GrantFuture, TokenClient, TokenEndpoint, WireClient},
};

/// An authorization code, with the parameters of its redemption.
#[derive(Clone, Debug)]
pub struct AuthorizationCodeGrant {
    /// The code of the callback. The provider accepts it once.
    pub code: Secret,
    /// The PKCE verifier of the attempt.
    pub code_verifier: Secret,
    /// The redirect URI, identical to that of the authorization request.
    pub redirect_uri: String,
    /// The requested scopes: those of OpenID Connect, and of one resource. Empty requests the scopes of the
    /// authorization request.
    pub scopes: Vec<String>,
}

impl TokenClient {
    /// Redeems an authorization code. Refuses a response without an ID token.
    ///
    /// # Errors
    /// A [`GrantError`]. After [`GrantError::Unavailable`] the code may have been used up.
    pub async fn redeem(
        &self,
        endpoint: &TokenEndpoint,
        grant: &AuthorizationCodeGrant,
    ) -> Result<TokenResponse, GrantError> {
        let response = self.request(endpoint, grant).await?;
        if response.id_token.is_none() {
            return Err(GrantError::Broken(BrokenAnswer::Member("id_token")));
        }
        Ok(response)
    }
}

impl Grant for AuthorizationCodeGrant {
    const PURPOSE: CallPurpose = CallPurpose::Token;

    fn send<'c>(&'c self, client: &'c WireClient, http: &'c TokenHttp) -> GrantFuture<'c> {
        Box::pin(async move {
            let redirect_uri = RedirectUrl::new(self.redirect_uri.clone())
                .map_err(|_| RequestTokenError::Other("redirect URI".into()))?;
            let code = AuthorizationCode::new(self.code.expose_secret().to_owned());
            let verifier = PkceCodeVerifier::new(self.code_verifier.expose_secret().to_owned());
            let mut request = client
                .exchange_code(code)
                .set_pkce_verifier(verifier)
                .set_redirect_uri(Cow::Owned(redirect_uri));
            if !self.scopes.is_empty() {
                request = request.add_extra_param("scope", self.scopes.join(" "));
            }
            request.request_async(http).await
        })
    }
}
