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

/// Why there is no session, and what has become of the code.
pub(super) struct Failure {
    pub(super) refusal: Refusal,
    pub(super) code: CodeUse,
}

/// How far a code came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CodeUse {
    /// The provider was not asked: the attempt is free again.
    Unsent,
    /// The provider was asked and gave no tokens, or its answer was lost.
    NotAccepted,
    /// The provider gave tokens: somebody has signed in there.
    Accepted,
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
    /// session. Where the provider has not accepted the code, the place stays taken.
    pub(super) async fn redeem(
        &self,
        redemption: Redemption,
        place: &mut Option<SemaphorePermit<'_>>,
    ) -> Result<Arc<Session>, Failure> {
        let metadata = self.provider.metadata().await.map_err(|error| Failure {
            refusal: error.into(),
            code: CodeUse::Unsent,
        })?;
        let exchanged = self.exchange(&metadata, &redemption).await;
        let response = exchanged.map_err(|refusal| Failure {
            refusal,
            code: CodeUse::NotAccepted,
        })?;
        let session = async {
            let (user, tokens) = self.identify(&metadata, &redemption, response).await?;
            drop(place.take());
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
            code: CodeUse::Accepted,
        })
    }

    /// Asks the provider for tokens; with them, the scopes that were asked for.
    async fn exchange(
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

    /// Verifies what the provider says of the user.
    async fn identify(
        &self,
        metadata: &Metadata,
        redemption: &Redemption,
        (response, asked): (TokenResponse, Vec<String>),
    ) -> Result<(UserSnapshot, TokenSet), Refusal> {
        let Redemption { attempt, key, .. } = redemption;
        let generation = self.keys.generation(*key).ok_or(Refusal::StateOfOtherKey)?;
        let nonce = attempt::nonce(generation, &attempt.id);
        let id_token = self.verify(&response, &nonce, &redemption.code).await?;
        if self.config.userinfo {
            self.check_userinfo(metadata, &response, &id_token).await?;
        }
        self.check_user_flow(&id_token)?;
        let user = UserSnapshot::of(&id_token, granted(&response, &asked))
            .ok_or(Refusal::UserinfoMismatch)?;
        Ok((user, self.token_set(response, asked)))
    }

    async fn verify(
        &self,
        response: &TokenResponse,
        nonce: &str,
        code: &Secret,
    ) -> Result<IdToken, Refusal> {
        let token = response.id_token.as_ref().ok_or(Refusal::ProviderBroken)?;
        let expected = ExpectedIdToken {
            nonce: ExpectedNonce::Exactly(nonce),
            access_token: Some(response.access_token.expose_secret()),
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

/// The scopes that were granted: without the parameter, those that were asked for (RFC 6749
/// section 5.1).
fn granted(response: &TokenResponse, asked: &[String]) -> Vec<Box<str>> {
    let scopes = response.scopes.as_deref().unwrap_or(asked);
    scopes.iter().map(|scope| scope.as_str().into()).collect()
}

/// How long a sign-in waits for its turn when many are being completed.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the application's hook may think about a user.
const HOOK_TIMEOUT: Duration = Duration::from_secs(30);
