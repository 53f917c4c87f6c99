//! From code to session: redeem, verify, ask the application, begin the session.

use std::{sync::Arc, time::Duration};

use tokio::sync::SemaphorePermit;

use super::{
    Attempt, BindingCookie, CallbackAnswer, Engine, Refusal, attempt,
    attempt_claim::{Claim, Claimed},
    outcomes::Completion,
};
use crate::{
    clock::Timestamp,
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
    pub(super) browser: BindingCookie,
    pub(super) previous: Option<Arc<Session>>,
    pub(super) device: Option<String>,
    /// When the code came back.
    pub(super) arrived: Timestamp,
}

/// Why there is no session, and what has become of the code.
struct Failure {
    refusal: Refusal,
    code: CodeUse,
}

/// How far a code came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CodeUse {
    /// The provider was not asked: the attempt is free again.
    Unsent,
    /// The provider was asked and gave no tokens, or its answer was lost.
    NotAccepted,
    /// The provider gave tokens: somebody has signed in there.
    Accepted,
}

impl Engine {
    /// Redeems in a task of its own: a browser that hangs up must not lose the code, nor leave
    /// those who wait for the outcome alone.
    pub(super) async fn redeem_detached(
        self: &Arc<Self>,
        redemption: Redemption,
        completion: Completion,
    ) -> Result<CallbackAnswer, Refusal> {
        let engine = Arc::clone(self);
        let task = actix_web::rt::spawn(async move {
            // Before the claim: what is turned away for want of a place has written nothing.
            let place = engine.place().await?;
            match engine.claims.take(&redemption.attempt).await? {
                Claimed::Mine(claim) => {
                    let held = (completion, claim, place);
                    engine.redeem_claimed(redemption, held).await
                }
                Claimed::Done(outcome) => {
                    completion.adopt(outcome.clone());
                    outcome.map(CallbackAnswer::GoOn)
                }
            }
        });
        task.await
            .unwrap_or_else(|_| Err(broken("the task of the redemption ended early")))
    }

    async fn redeem_claimed(
        &self,
        redemption: Redemption,
        (mut completion, claim, place): (Completion, Claim, SemaphorePermit<'_>),
    ) -> Result<CallbackAnswer, Refusal> {
        completion.begin();
        let return_to = redemption.attempt.return_to.clone();
        let shortened = redemption.attempt.shortened;
        let (now, deployment) = (self.clock.now(), self.deployment.number());
        let browser = redemption.browser.completed_at(now, deployment);
        // Held until the claim is deleted: there are never more of those than places.
        let mut place = Some(place);
        match self.redeem(redemption, &mut place).await {
            Ok(session) => {
                let id = session.id().clone();
                completion.complete(return_to.clone(), id.clone(), session.signed_in_at());
                self.claims.settle(claim, &Ok(return_to.clone())).await;
                Ok(CallbackAnswer::SignedIn {
                    return_to,
                    shortened,
                    session: id,
                    user: session.user().key.clone(),
                    browser,
                })
            }
            Err(Failure { refusal, code }) => {
                match code {
                    CodeUse::Unsent => {
                        completion.free();
                        self.claims.release(claim).await;
                    }
                    // This process answers a second arrival; the store keeps nothing of what
                    // strangers can bring without an account at the provider.
                    CodeUse::NotAccepted => {
                        completion.refuse(refusal.clone());
                        self.claims.release(claim).await;
                    }
                    CodeUse::Accepted => {
                        completion.refuse(refusal.clone());
                        self.claims.settle(claim, &Err(refusal.clone())).await;
                    }
                }
                Err(refusal)
            }
        }
    }

    /// Waits for one of the places in which codes are redeemed. Whoever gets none has used nothing,
    /// and written nothing.
    async fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        match tokio::time::timeout(PATIENCE, self.redemptions.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Refusal::Busy),
        }
    }

    /// Redeems a code in its place, gives the place back, asks the application and begins the
    /// session. Where the provider has not accepted the code, the place stays taken.
    async fn redeem(
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
            self.missing_refresh_token.notice(&tokens);
            if self.is_same_account(&redemption, &user) {
                return Err(Refusal::SameAccount);
            }
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
        self.check_user_flow(&id_token)?;
        let mut user = UserSnapshot::of(&id_token, granted(&response, &asked))
            .ok_or_else(|| broken("the ID token has no subject"))?;
        if self.config.userinfo {
            user = self.complete(user, metadata, &response, &id_token).await?;
        }
        Ok((user, self.token_set(response, asked)))
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
            access_token: response.access_token.as_ref().map(Secret::expose_secret),
            code: Some(code.expose_secret()),
            max_age: None,
        };
        Ok(self
            .verifier
            .id_token(token.expose_secret(), expected)
            .await?)
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
fn granted(response: &TokenResponse, asked: &[String]) -> Vec<Box<str>> {
    let scopes = response.scopes.as_deref().unwrap_or(asked);
    scopes.iter().map(|scope| scope.as_str().into()).collect()
}

/// How long a sign-in waits for its turn when many are being completed.
const PATIENCE: Duration = Duration::from_secs(2);
