//! The callback: the provider has sent the browser back.

use std::sync::Arc;

use super::{
    Attempt, AuthorizationResponse, BindingCookie, Engine, Refusal, SignInRequest, Start,
    attempt::short_digest,
    decision::{Arrival, CallbackDecision, decide},
    outcomes::BrowserTurn,
    redemption::Redemption,
    start::NO_FLOW,
    user_flow::UserFlowStep,
};
use crate::{
    config::ReturnTo,
    secret::{ExposeSecret, Secret},
    session::{Session, SessionId},
    validation::UserKey,
};

/// What the browser has brought.
pub struct CallbackRequest {
    /// The response's parameters.
    pub response: AuthorizationResponse,
    /// The binding cookie, when there is exactly one well-formed one.
    pub browser: Option<BindingCookie>,
    /// The browser's live session.
    pub session: Option<Arc<Session>>,
    /// Whether the browser has brought a session cookie that is of no live session.
    pub unknown_session: bool,
    /// BindingCookie and system, as far as they could be told.
    pub device: Option<String>,
}

/// Where the callback ends.
pub enum CallbackAnswer {
    /// Signed in: both cookies are set, the browser goes to the return address.
    SignedIn {
        /// Where to.
        return_to: ReturnTo,
        /// Whether that is only part of what was asked for.
        shortened: bool,
        /// The new session's id, for the cookie.
        session: SessionId,
        /// Whose it is.
        user: UserKey,
        /// The binding cookie, with this sign-in counted.
        browser: BindingCookie,
    },
    /// Nothing was redeemed here; no cookie is set.
    GoOn(ReturnTo),
    /// To the provider again: an automatic restart, or the next user flow.
    Restart(Start),
    /// A page. An existing session is not disturbed.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Where the attempt was to end, if it began in this browser: for the way on.
        return_to: Option<ReturnTo>,
    },
}

impl Engine {
    /// Finishes a sign-in.
    pub async fn callback(self: &Arc<Self>, request: CallbackRequest) -> CallbackAnswer {
        let (state, browser) = (request.response.state.clone(), request.browser.clone());
        let arrived = self.clock.now();
        match self.try_callback(request).await {
            Ok(answer) => {
                if matches!(answer, CallbackAnswer::SignedIn { .. }) {
                    self.events.sign_in_completed();
                }
                answer
            }
            Err(refusal) => {
                let refusal = match self
                    .restart(refusal, state.as_deref(), browser.as_ref(), arrived)
                    .await
                {
                    Ok(start) => return CallbackAnswer::Restart(start),
                    Err(refusal) => self.explained(refusal),
                };
                self.events.sign_in_refused(refusal.code());
                CallbackAnswer::Refused {
                    refusal,
                    return_to: self.wanted(state.as_deref(), browser.as_ref()),
                }
            }
        }
    }

    /// The return address of an attempt that began in this browser.
    fn wanted(&self, state: Option<&str>, browser: Option<&BindingCookie>) -> Option<ReturnTo> {
        let (attempt, _) = self.attempts.open(&self.keys, state?).ok()?;
        browser?
            .began(&attempt.browser)
            .then_some(attempt.return_to)
    }

    /// Whether `state` is one that this application made, however old, and for whichever browser.
    pub fn has_made(&self, state: &str) -> bool {
        self.attempts.open(&self.keys, state).is_ok()
    }

    /// A loop, or a code that was used up, among instances that keep their sessions apart: that is
    /// the cause, and nothing that the user does helps.
    fn explained(&self, refusal: Refusal) -> Refusal {
        let known_cause = match &refusal {
            Refusal::Looping => true,
            Refusal::CodeRefused(fault) => fault.error() == "invalid_grant",
            _ => false,
        };
        if known_cause && self.fleet.has_separate_stores(self.clock.now()) {
            return Refusal::SeparateStores;
        }
        refusal
    }

    async fn try_callback(
        self: &Arc<Self>,
        request: CallbackRequest,
    ) -> Result<CallbackAnswer, Refusal> {
        let CallbackRequest {
            response,
            browser,
            session,
            unknown_session,
            device,
        } = request;
        let opened = response
            .state
            .as_deref()
            .map(|state| self.attempts.open(&self.keys, state));
        if let Some(Ok((attempt, _))) = &opened {
            self.fleet
                .notice(attempt, self.sessions.store().exclusive());
        }
        let decision = decide(&Arrival {
            attempt: opened
                .as_ref()
                .map(|result| result.as_ref().map(|(attempt, _)| attempt).map_err(|e| *e)),
            browser: browser.as_ref(),
            session_since: session.as_ref().map(|session| session.signed_in_at()),
            now: self.clock.now(),
        });
        match decision {
            CallbackDecision::Refuse(refusal) => return Err(refusal),
            CallbackDecision::GoOn(return_to) => return Ok(CallbackAnswer::GoOn(return_to)),
            CallbackDecision::Restart(return_to) => {
                let again = match opened {
                    Some(Ok((attempt, _))) => SignInRequest::again(attempt, browser),
                    _ => SignInRequest::new(browser, return_to),
                };
                return Ok(CallbackAnswer::Restart(self.start(again).await?));
            }
            CallbackDecision::Proceed => {}
        }
        let (Some(Ok((attempt, generation))), Some(browser)) = (opened, browser) else {
            return Err(Refusal::StateUnreadable);
        };
        self.check_response_issuer(&response, &attempt).await?;
        let code = match self.user_flow_step(&attempt, response.outcome()) {
            UserFlowStep::Redeem(code) => code,
            UserFlowStep::Refuse(refusal) => return Err(refusal),
            UserFlowStep::GoOn(return_to) => return Ok(CallbackAnswer::GoOn(return_to)),
            UserFlowStep::Start(user_flow) => {
                let mut next = SignInRequest::new(Some(browser), attempt.return_to);
                next.shortened = attempt.shortened;
                next.user_flow = user_flow;
                next.restarts = Some((self.clock.now(), attempt.number));
                return Ok(CallbackAnswer::Restart(self.start(next).await?));
            }
        };
        let key = generation.id();
        let displaced = self
            .deployment
            .is_displaced(&self.config, &browser, unknown_session);
        let loops = if displaced {
            Refusal::SharedCookieName
        } else {
            Refusal::Looping
        };
        self.finish(code, loops, |code| Redemption {
            attempt,
            key,
            code,
            browser,
            previous: session,
            device,
            arrived: self.clock.now(),
        })
        .await
    }

    /// RFC 9207: where the provider announces `iss` it must be there; where it is there it must be
    /// right. With a multi-tenant authority the tenant is known from the ID token only, whose own
    /// issuer is checked: here the form is compared.
    async fn check_response_issuer(
        &self,
        response: &AuthorizationResponse,
        attempt: &Attempt,
    ) -> Result<(), Refusal> {
        let provider = self.provider_of(attempt.user_flow());
        let metadata = provider
            .ok_or_else(|| Refusal::ProviderBroken(NO_FLOW.to_owned()))?
            .metadata()
            .await?;
        match &response.iss {
            None if metadata.authorization_response_iss => Err(Refusal::IssuerMissing),
            Some(iss) if !metadata.issuer.accepts_any_tenant(iss) => Err(Refusal::IssuerMismatch),
            _ => Ok(()),
        }
    }

    /// Redeems the code, or answers as for its first arrival. `loops` is the refusal where sign-ins
    /// follow each other without end.
    async fn finish(
        self: &Arc<Self>,
        code: Secret,
        loops: Refusal,
        redemption: impl FnOnce(Secret) -> Redemption,
    ) -> Result<CallbackAnswer, Refusal> {
        let mut redemption = redemption(code);
        // Whoever still has a session is not going round: a user may sign in again and again.
        let lost = redemption.previous.is_none();
        if lost && redemption.browser.is_looping(self.clock.now()) {
            return Err(loops);
        }
        let code = short_digest(redemption.code.expose_secret().as_bytes());
        loop {
            let now = self.clock.now();
            match self.outcomes.enter(&redemption.attempt, code, now) {
                BrowserTurn::Done(outcome) => return outcome.map(CallbackAnswer::GoOn),
                BrowserTurn::Wait(mut others) => {
                    let outcome = others.wait_for(Option::is_some).await;
                    let outcome = outcome.ok().and_then(|outcome| outcome.clone());
                    match outcome.ok_or(Refusal::Busy)? {
                        // Where this request has another code, it may be its turn.
                        Err(refusal) if refusal.is_of_the_code() => {}
                        outcome => return outcome.map(CallbackAnswer::GoOn),
                    }
                }
                // An end without outcome closes the channel: then it is this tab's turn.
                BrowserTurn::Queue(mut others) => drop(others.wait_for(Option::is_some).await),
                BrowserTurn::Mine(completion, earlier) => {
                    if let (None, Some(id)) = (&redemption.previous, earlier) {
                        redemption.previous = self.sessions.load(&id).await?;
                    }
                    return self.redeem_detached(redemption, completion).await;
                }
            }
        }
    }
}
