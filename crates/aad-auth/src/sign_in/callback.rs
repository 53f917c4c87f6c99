//! The callback: handles the authorization response.

use std::sync::Arc;

use super::{
    Attempt, AuthorizationResponse, BindingCookie, CallbackAnswer, Engine, Refusal, SignInRequest,
    callback_decision::{CallbackDecision, CallbackInput, decide},
    redemption::Redemption,
    start::NO_FLOW,
    user_flow_step::UserFlowStep,
};
use crate::{config::ReturnTo, seal::KeyId, session::Session};

/// The request to the callback.
pub(crate) struct CallbackRequest {
    /// The parameters of the authorization response.
    pub(crate) response: AuthorizationResponse,
    /// The binding cookie. `None` unless there is exactly one well-formed cookie.
    pub(crate) browser: Option<BindingCookie>,
    /// The live session of the browser.
    pub(crate) session: Option<Arc<Session>>,
    /// Whether the request has a session cookie that belongs to no live session.
    pub(crate) unknown_session: bool,
    /// Browser and operating system, from `User-Agent`. `None` when unknown.
    pub(crate) device: Option<String>,
}

impl Engine {
    /// Handles an authorization response: completes the sign-in, restarts it, or refuses it.
    pub(crate) async fn callback(self: &Arc<Self>, request: CallbackRequest) -> CallbackAnswer {
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
                    Err(refusal) => self.with_cause(refusal),
                };
                self.events.sign_in_refused(refusal.code());
                CallbackAnswer::Refused {
                    refusal,
                    return_to: self.return_address(state.as_deref(), browser.as_ref()),
                }
            }
        }
    }

    /// The return address of an attempt, if it began in this browser.
    fn return_address(
        &self,
        state: Option<&str>,
        browser: Option<&BindingCookie>,
    ) -> Option<ReturnTo> {
        let (attempt, _) = self.attempts.open(&self.keys, state?).ok()?;
        browser?
            .began(&attempt.browser)
            .then_some(attempt.return_to)
    }

    /// Whether this application made `state`, for any browser and at any time.
    pub(crate) fn has_made(&self, state: &str) -> bool {
        self.attempts.open(&self.keys, state).is_ok()
    }

    /// Replaces the refusal if the cause is that instances have separate stores. They cause loops and
    /// codes that were redeemed already, and the user cannot help it.
    fn with_cause(&self, refusal: Refusal) -> Refusal {
        let is_symptom = match &refusal {
            Refusal::Looping => true,
            Refusal::CodeRefused(fault) => fault.error() == "invalid_grant",
            _ => false,
        };
        if is_symptom && self.replicas.has_separate_stores(self.clock.now()) {
            return Refusal::SeparateStores;
        }
        refusal
    }

    async fn try_callback(
        self: &Arc<Self>,
        request: CallbackRequest,
    ) -> Result<CallbackAnswer, Refusal> {
        let opened = request
            .response
            .state
            .as_deref()
            .map(|state| self.attempts.open(&self.keys, state));
        if let Some(Ok((attempt, _))) = &opened {
            self.replicas
                .notice(attempt, self.sessions.store().exclusive());
        }
        let decision = decide(&CallbackInput {
            attempt: opened
                .as_ref()
                .map(|result| result.as_ref().map(|(attempt, _)| attempt).map_err(|e| *e)),
            browser: request.browser.as_ref(),
            session_since: request
                .session
                .as_ref()
                .map(|session| session.signed_in_at()),
            now: self.clock.now(),
        });
        match decision {
            CallbackDecision::Refuse(refusal) => Err(refusal),
            CallbackDecision::GoOn(return_to) => Ok(CallbackAnswer::GoOn(return_to)),
            CallbackDecision::Restart(return_to) => {
                let again = match opened {
                    Some(Ok((attempt, _))) => SignInRequest::again(attempt, request.browser),
                    _ => SignInRequest::new(request.browser, return_to),
                };
                Ok(CallbackAnswer::Restart(self.start(again).await?))
            }
            CallbackDecision::Proceed => match opened {
                Some(Ok((attempt, generation))) => {
                    self.proceed(request, attempt, generation.id()).await
                }
                _ => Err(Refusal::StateUnreadable),
            },
        }
    }

    /// Reads the response to a valid attempt of this browser, and redeems its code.
    async fn proceed(
        self: &Arc<Self>,
        request: CallbackRequest,
        attempt: Attempt,
        key: KeyId,
    ) -> Result<CallbackAnswer, Refusal> {
        let Some(browser) = request.browser else {
            return Err(Refusal::StateUnreadable);
        };
        self.check_response_issuer(&request.response, &attempt)
            .await?;
        let code = match self.user_flow_step(&attempt, request.response.outcome()) {
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
        let loop_refusal = self.loop_refusal(&browser, request.unknown_session);
        let redemption = Redemption {
            attempt,
            key,
            code,
            browser,
            previous: request.session,
            device: request.device,
            arrived: self.clock.now(),
        };
        self.redeem_once(redemption, loop_refusal).await
    }

    /// The refusal if sign-ins of this browser loop: it names the cause, where that is another deployment.
    fn loop_refusal(&self, browser: &BindingCookie, unknown_session: bool) -> Refusal {
        let displaced = self
            .deployment
            .is_displaced(&self.config, browser, unknown_session);
        if displaced {
            Refusal::SharedCookieName
        } else {
            Refusal::Looping
        }
    }

    /// Checks `iss` (RFC 9207): required if the provider announces it, and correct if present. With a
    /// multi-tenant authority only the form is compared here, because the tenant is known only from the
    /// ID token, whose issuer is checked later.
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
}
