//! The decision of a guard: finds the credential of a request, verifies it, and asks the policy.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::{
    policy::{Decision, Missing, Policy, Principal},
    session::Session,
    validation::{AccessToken, CacheLookup, CacheMiss, CallerKind, Code, VerifyError},
    web::{
        answers::{bearer_answer::BearerError, forgotten::missing_middleware},
        instance::{Auth, RequestAuth},
        request::bearer::{self, Presented},
    },
};

/// A policy of an instance, ready to decide.
pub(in crate::web) struct Gate {
    auth: Auth,
    policy: Policy,
    admits_bearer: bool,
    admits_user: bool,
}

/// The answer to a caller that the policy refuses.
pub(in crate::web) type GateRefusal = Box<HttpResponse>;

/// The result of the synchronous fast path.
pub(in crate::web) enum Early {
    /// The decision.
    Decided(Result<(), GateRefusal>),
    /// Something has to be read, written or asked for: [`Gate::decide`].
    Pending(Pending),
}

/// The credential that needs a lookup.
pub(in crate::web) struct Pending {
    state: RequestAuth,
    credential: PendingCredential,
}

enum PendingCredential {
    Session,
    Token(CacheMiss),
}

impl Gate {
    pub(in crate::web) fn new(auth: Auth, policy: Policy) -> Self {
        Self {
            auth,
            admits_bearer: policy.admits_bearer(),
            admits_user: policy.admits_user(),
            policy,
        }
    }

    pub(in crate::web) const fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Synchronous fast path: session or token is already cached. Allocates no future.
    pub(in crate::web) fn decide_at_once(&self, request: &HttpRequest) -> Early {
        // Sessions and tokens of another instance are not valid here.
        let Some(state) = RequestAuth::of_instance(request, &self.auth) else {
            return Early::Decided(Err(Box::new(missing_middleware(self.auth.name()))));
        };
        let token = match self.presented(request, &state) {
            Ok(token) => token,
            Err(refused) => return Early::Decided(Err(refused)),
        };
        let Some(token) = token else {
            return match state.session_at_once(request.headers()) {
                Some(session) => Early::Decided(self.judge_user(request, &state, Some(&session))),
                None => Early::Pending(Pending {
                    state,
                    credential: PendingCredential::Session,
                }),
            };
        };
        let verifier = self.auth.engine().verifier();
        let miss = match verifier.look_up(token) {
            CacheLookup::Hit(token) => {
                return Early::Decided(self.judge_token(request, &state, token));
            }
            CacheLookup::Miss(miss) => miss,
        };
        match verifier.verify_access_token_at_once(token, &miss) {
            Some(outcome) => Early::Decided(self.judge_outcome(request, &state, outcome)),
            None => Early::Pending(Pending {
                state,
                credential: PendingCredential::Token(miss),
            }),
        }
    }

    /// Decides where the fast path could not.
    pub(in crate::web) async fn decide(
        &self,
        request: &HttpRequest,
        pending: Pending,
    ) -> Result<(), GateRefusal> {
        let Pending { state, credential } = pending;
        match credential {
            PendingCredential::Session => {
                let session = state.session(request.headers()).await;
                let session =
                    session.map_err(|error| Box::new(self.auth.store_down(request, error)))?;
                self.judge_user(request, &state, session.as_ref())
            }
            PendingCredential::Token(miss) => {
                let Presented::Token(token) = bearer::presented(request.headers()) else {
                    return Err(self.malformed(request));
                };
                let verifier = self.auth.engine().verifier();
                let outcome = verifier.verify_access_token(token, &miss).await;
                self.judge_outcome(request, &state, outcome)
            }
        }
    }

    /// The bearer token of the request; `None` selects the session. Refuses a token of the wrong form.
    fn presented<'r>(
        &self,
        request: &'r HttpRequest,
        state: &RequestAuth,
    ) -> Result<Option<&'r str>, GateRefusal> {
        let presented = match self.admits_bearer {
            true => bearer::presented(request.headers()),
            false => Presented::Nothing,
        };
        let token = match presented {
            Presented::Nothing => None,
            Presented::Repeated => return Err(self.refuse(request, &BearerError::InvalidRequest)),
            Presented::Malformed => return Err(self.malformed(request)),
            Presented::Token(token) => Some(token),
        };
        // One request, one credential: with two of them it is unclear which one counts.
        let doubled = token.is_some() && state.has_session_cookie(request.headers());
        if doubled || (self.admits_bearer && bearer::in_query(request)) {
            return Err(self.refuse(request, &BearerError::InvalidRequest));
        }
        // Also of what asks for a session and a token at once: no sign-in would help.
        if token.is_none() && !self.admits_user {
            return Err(self.refuse(request, &BearerError::Missing));
        }
        Ok(token)
    }

    fn judge_outcome(
        &self,
        request: &HttpRequest,
        state: &RequestAuth,
        outcome: Result<Arc<AccessToken>, VerifyError>,
    ) -> Result<(), GateRefusal> {
        let events = self.auth.engine().events();
        match outcome {
            Ok(token) => self.judge_token(request, state, token),
            Err(VerifyError::Rejected(rejection)) => {
                let code = rejection.code.as_str();
                events.bearer_refused(code);
                tracing::info!(
                    code,
                    reason = rejection.reason.as_str(),
                    cause = rejection.sentence(),
                    "a bearer token was refused"
                );
                let error = BearerError::InvalidToken(code, rejection.sentence());
                Err(self.refuse(request, &error))
            }
            Err(VerifyError::Unavailable(unavailable)) => {
                events.bearer_refused("AAD-PROVIDER-UNAVAILABLE");
                let answer = self.auth.provider_down(unavailable.retry_after.as_secs());
                Err(Box::new(answer))
            }
        }
    }

    fn judge_user(
        &self,
        request: &HttpRequest,
        state: &RequestAuth,
        session: Option<&Arc<Session>>,
    ) -> Result<(), GateRefusal> {
        let principal = session.map_or(Principal::Anonymous, |session| {
            Principal::User(session.user())
        });
        let auth = &self.auth;
        match self.policy.decide(principal) {
            Decision::Allowed => Ok(()),
            Decision::Unknown => {
                let reason = state.reason(request.headers());
                let mut answer = auth.unauthenticated(request, reason);
                if self.admits_bearer && answer.status() == StatusCode::UNAUTHORIZED {
                    auth.challenge_bearer(&mut answer, &self.policy, &BearerError::Missing);
                }
                Err(Box::new(answer))
            }
            Decision::StepUp(context) => {
                let missing = [Missing::AuthContext(context)];
                Err(Box::new(auth.forbidden(request, &missing)))
            }
            Decision::Forbidden(missing) => Err(Box::new(auth.forbidden(request, &missing))),
        }
    }

    fn judge_token(
        &self,
        request: &HttpRequest,
        state: &RequestAuth,
        token: Arc<AccessToken>,
    ) -> Result<(), GateRefusal> {
        self.auth.engine().events().bearer_accepted();
        match self.policy.decide(Principal::Bearer(&token)) {
            Decision::Allowed => {
                state.set_token(token);
                Ok(())
            }
            // Only a client that has said so can handle a challenge, and only a user can do more.
            Decision::StepUp(context)
                if token.kind() == CallerKind::Delegated && token.handles_claims_challenges() =>
            {
                Err(self.refuse(request, &BearerError::InsufficientClaims(&context)))
            }
            _ => Err(self.refuse(request, &BearerError::InsufficientScope)),
        }
    }

    fn malformed(&self, request: &HttpRequest) -> GateRefusal {
        let code = Code::Shape;
        self.auth.engine().events().bearer_refused(code.as_str());
        let error = BearerError::InvalidToken(code.as_str(), code.sentence());
        self.refuse(request, &error)
    }

    fn refuse(&self, request: &HttpRequest, error: &BearerError<'_>) -> GateRefusal {
        Box::new(self.auth.bearer_refused(request, &self.policy, error))
    }
}
