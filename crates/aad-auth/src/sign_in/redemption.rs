//! The steps of a redemption: exchanges the code, asks the application, creates the session.

use std::{sync::Arc, time::Duration};

use tokio::sync::SemaphorePermit;

use super::{
    Attempt, BindingCookie, CallbackAnswer, Engine, Refusal,
    attempt_claim::{Claim, Claimed},
    outcomes::Completion,
};
use crate::{
    clock::Timestamp,
    seal::KeyId,
    secret::Secret,
    session::{NewSession, Session},
};

/// A code for an attempt, and the state of the browser.
pub(super) struct Redemption {
    pub(super) attempt: Attempt,
    pub(super) key: KeyId,
    pub(super) code: Secret,
    pub(super) browser: BindingCookie,
    pub(super) previous: Option<Arc<Session>>,
    pub(super) device: Option<String>,
    /// When the callback was received.
    pub(super) arrived: Timestamp,
}

/// A refusal, and whether the code was used.
struct Failure {
    refusal: Refusal,
    code: CodeUse,
}

/// Whether a code was used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CodeUse {
    /// It was not sent. The attempt can be redeemed again.
    Unsent,
    /// It was sent, and the provider returned no tokens, or its answer was lost.
    NotAccepted,
    /// The provider returned tokens: the user has an account there.
    Accepted,
}

impl Engine {
    /// Redeems in a task of its own, so that a closed connection loses neither the code nor the outcome
    /// for waiting requests.
    pub(super) async fn redeem_detached(
        self: &Arc<Self>,
        redemption: Redemption,
        completion: Completion,
    ) -> Result<CallbackAnswer, Refusal> {
        let engine = Arc::clone(self);
        let task = actix_web::rt::spawn(async move {
            // Before the claim, so that a request without a permit has written nothing.
            let permit = engine.redemption_permit().await?;
            match engine.claims.take(&redemption.attempt).await? {
                Claimed::Mine(claim) => {
                    let held = (completion, claim, permit);
                    engine.redeem_claimed(redemption, held).await
                }
                Claimed::Done(outcome) => {
                    completion.adopt(outcome.clone());
                    outcome.map(CallbackAnswer::GoOn)
                }
            }
        });
        task.await
            .unwrap_or_else(|_| Err(Refusal::ProviderBroken(TASK_ENDED.to_owned())))
    }

    async fn redeem_claimed(
        &self,
        redemption: Redemption,
        (mut completion, claim, permit): (Completion, Claim, SemaphorePermit<'_>),
    ) -> Result<CallbackAnswer, Refusal> {
        completion.begin();
        let return_to = redemption.attempt.return_to.clone();
        let shortened = redemption.attempt.shortened;
        let (now, deployment) = (self.clock.now(), self.deployment.number());
        let browser = redemption.browser.completed_at(now, deployment);
        // Held until the claim is deleted, so that permits bound the number of claims.
        let mut permit = Some(permit);
        match self.redeem(redemption, &mut permit).await {
            Ok(session) => {
                let id = session.id().clone();
                completion.complete(return_to.clone(), id.clone(), session.signed_in_at());
                self.claims.publish(claim, &Ok(return_to.clone())).await;
                Ok(CallbackAnswer::SignedIn {
                    return_to,
                    shortened,
                    session: id,
                    user: session.user().key.clone(),
                    browser,
                })
            }
            Err(failure) => {
                let refusal = failure.refusal.clone();
                self.end_failed(completion, claim, failure).await;
                Err(refusal)
            }
        }
    }

    /// Completes an attempt without a session, by what has become of its code.
    async fn end_failed(&self, completion: Completion, claim: Claim, failure: Failure) {
        let Failure { refusal, code } = failure;
        match code {
            CodeUse::Unsent => {
                completion.free();
                self.claims.release(claim).await;
            }
            // This process answers further callbacks. The store keeps no record: visitors without an
            // account at the provider can cause this.
            CodeUse::NotAccepted => {
                completion.refuse(refusal);
                self.claims.release(claim).await;
            }
            CodeUse::Accepted => {
                completion.refuse(refusal.clone());
                self.claims.publish(claim, &Err(refusal)).await;
            }
        }
    }

    /// Waits for a permit to redeem a code. Returns [`Refusal::Busy`] after 2 s; no state has changed.
    async fn redemption_permit(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        match tokio::time::timeout(PERMIT_TIMEOUT, self.redemptions.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Refusal::Busy),
        }
    }

    /// Redeems a code, releases the permit, asks the application and creates the session. If the provider
    /// has not accepted the code, the permit is kept.
    async fn redeem(
        &self,
        redemption: Redemption,
        permit: &mut Option<SemaphorePermit<'_>>,
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
            drop(permit.take());
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
}

/// How long a sign-in waits for a permit.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(2);
/// The cause in the log when the task of a redemption has panicked.
const TASK_ENDED: &str = "the task of the redemption ended early";
