//! From code to session: redeem, verify, ask the application, begin the session.

use std::{rc::Rc, sync::Arc, time::Duration};

use tokio::sync::SemaphorePermit;

use super::{Attempt, Browser, Engine, Refusal, attempt, hook::Admission};
use crate::{
    grant::{AuthorizationCodeGrant, TokenEndpoint, TokenResponse},
    provider::Metadata,
    seal::KeyId,
    secret::{ExposeSecret, Secret},
    session::{NewSession, Session, TokenSet, UserSnapshot},
    validation::{ExpectedIdToken, ExpectedNonce, IdToken},
};

/// A code that came back for an attempt, and what the browser had.
pub(super) struct Redemption {
    pub(super) attempt: Attempt,
    pub(super) key: KeyId,
    pub(super) code: Secret,
    pub(super) browser: Browser,
    pub(super) previous: Option<Arc<Session>>,
    pub(super) device: Option<String>,
}

/// Why there is no session, and whether the code may have been used up.
pub(super) struct Failure {
    pub(super) refusal: Refusal,
    pub(super) used_up: bool,
}

impl Engine {
    /// Waits for one of the places in which codes are redeemed. Whoever gets none has used nothing,
    /// and written nothing.
    pub(super) async fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        match tokio::time::timeout(PATIENCE, self.redemptions.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Refusal::Busy),
        }
    }

    /// Redeems a code in its place, gives the place back, asks the application and begins the
    /// session.
    pub(super) async fn redeem(
        &self,
        redemption: Redemption,
        place: SemaphorePermit<'_>,
    ) -> Result<Arc<Session>, Failure> {
        let metadata = self.provider.metadata().await.map_err(|error| Failure {
            refusal: error.into(),
            used_up: false,
        })?;
        let session = async {
            let (user, tokens) = self.exchange(&metadata, &redemption).await?;
            drop(place);
            let user = self.ask_application(user).await?;
            let new = NewSession {
                previous: redemption.previous,
                user,
                tokens,
                attempt_started: redemption.attempt.started,
                device: redemption.device,
            };
            let session = self.sessions.create(new).await?;
            session.ok_or(Refusal::SessionsEnded)
        };
        session.await.map_err(|refusal| Failure {
            refusal,
            used_up: true,
        })
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        redemption: &Redemption,
    ) -> Result<(UserSnapshot, TokenSet), Refusal> {
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
        let nonce = attempt::nonce(generation, &attempt.id);
        let id_token = self.verify(&response, &nonce, &redemption.code).await?;
        if self.config.userinfo {
            self.check_userinfo(metadata, &response, &id_token).await?;
        }
        self.check_user_flow(&id_token)?;
        let user = UserSnapshot::of(&id_token, granted(&response, &grant))
            .ok_or(Refusal::UserinfoMismatch)?;
        Ok((user, self.token_set(response, grant.scopes)))
    }

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
            access_token: response
                .access_token
                .as_ref()
                .map(|token| token.expose_secret()),
            code: Some(code.expose_secret()),
            max_age: None,
        };
        Ok(self
            .verifier
            .id_token(token.expose_secret(), expected)
            .await?)
    }

    async fn ask_application(&self, user: UserSnapshot) -> Result<UserSnapshot, Refusal> {
        let Some(hook) = &self.hook else {
            return Ok(user);
        };
        let user = Rc::new(user);
        let said = tokio::time::timeout(HOOK_TIMEOUT, hook(Rc::clone(&user))).await;
        match said.map_err(|_| Refusal::ApplicationSilent)? {
            Admission::Admit => Ok(Rc::try_unwrap(user).unwrap_or_else(|kept| (*kept).clone())),
            Admission::Refuse => Err(Refusal::NotAdmitted),
        }
    }

    fn token_set(&self, response: TokenResponse, asked: Vec<String>) -> TokenSet {
        TokenSet {
            access_token: response.access_token,
            expires_at: self.clock.now() + response.expires_in,
            scopes: response.scopes.unwrap_or(asked),
            refresh_token: response.refresh_token,
            id_token: response.id_token,
        }
    }
}

fn broken(cause: &str) -> Refusal {
    Refusal::ProviderBroken(cause.to_owned())
}

/// The scopes that were granted: without the parameter, those that were asked for (RFC 6749
/// section 5.1).
fn granted(response: &TokenResponse, grant: &AuthorizationCodeGrant) -> Vec<Box<str>> {
    let scopes = response.scopes.as_ref().unwrap_or(&grant.scopes);
    scopes.iter().map(|scope| scope.as_str().into()).collect()
}

/// How long a sign-in waits for its turn when many are being completed.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the application's hook may think about a user.
const HOOK_TIMEOUT: Duration = Duration::from_secs(30);
