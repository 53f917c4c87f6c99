//! The code exchange of a redemption: the token request, and the verification of its answer.

use super::{Engine, Refusal, attempt, redemption::Redemption};
use crate::{
    grant::{AuthorizationCodeGrant, TokenEndpoint, TokenResponse},
    provider::Metadata,
    secret::{ExposeSecret, Secret},
    session::{TokenSet, UserSnapshot},
    validation::{ExpectedIdToken, ExpectedNonce, IdToken},
};

impl Engine {
    /// Sends the token request. Also returns the requested scopes.
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        redemption: &Redemption,
    ) -> Result<(TokenResponse, Vec<String>), Refusal> {
        let Redemption { attempt, key, .. } = redemption;
        let generation = self.keys.generation(*key).ok_or(Refusal::StateOfOtherKey)?;
        let grant = AuthorizationCodeGrant {
            code: redemption.code.clone(),
            code_verifier: attempt::code_verifier(generation, &attempt.id).into(),
            redirect_uri: self.redirect_uri.clone(),
            scopes: self.scopes(metadata).collect(),
        };
        let response = self
            .tokens
            .redeem(&TokenEndpoint::from(metadata), &grant)
            .await?;
        Ok((response, grant.scopes))
    }

    /// Verifies the ID token and reads the user and the tokens from the response.
    pub(super) async fn identify(
        &self,
        metadata: &Metadata,
        redemption: &Redemption,
        (response, requested): (TokenResponse, Vec<String>),
    ) -> Result<(UserSnapshot, TokenSet), Refusal> {
        let Redemption { attempt, key, .. } = redemption;
        let generation = self.keys.generation(*key).ok_or(Refusal::StateOfOtherKey)?;
        let nonce = attempt::nonce(generation, &attempt.id);
        let id_token = self.verify(&response, &nonce, &redemption.code).await?;
        self.check_user_flow(&id_token)?;
        let mut user = UserSnapshot::of(&id_token, granted(&response, &requested))
            .ok_or_else(|| broken("the ID token has no subject"))?;
        if self.config.userinfo {
            user = self.complete(user, metadata, &response, &id_token).await?;
        }
        Ok((user, self.token_set(response, requested)))
    }

    /// Verifies the ID token: nonce, hashes, issuer, audience, validity period, signature.
    async fn verify(
        &self,
        response: &TokenResponse,
        nonce: &str,
        code: &Secret,
    ) -> Result<IdToken, Refusal> {
        let token = response
            .id_token
            .as_ref()
            .ok_or_else(|| broken("the token endpoint brought no ID token"))?;
        let expected = ExpectedIdToken {
            nonce: ExpectedNonce::Exactly(nonce),
            access_token: response.access_token.as_ref().map(Secret::expose_secret),
            code: Some(code.expose_secret()),
            max_age: None,
        };
        Ok(self
            .verifier
            .id_token(token.expose_secret(), expected)
            .await?)
    }

    fn token_set(&self, response: TokenResponse, requested: Vec<String>) -> TokenSet {
        TokenSet {
            access_token: response.access_token,
            expires_at: self.clock.now() + response.expires_in,
            scopes: response.scopes.unwrap_or(requested),
            refresh_token: response.refresh_token,
            id_token: response.id_token,
        }
    }
}

fn broken(cause: &str) -> Refusal {
    Refusal::ProviderBroken(cause.to_owned())
}

/// The granted scopes: without `scope` in the response, the requested ones (RFC 6749 section 5.1).
fn granted(response: &TokenResponse, requested: &[String]) -> Vec<Box<str>> {
    let scopes = response.scopes.as_deref().unwrap_or(requested);
    scopes.iter().map(|scope| scope.as_str().into()).collect()
}
