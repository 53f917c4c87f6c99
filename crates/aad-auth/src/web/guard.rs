//! Guards: a policy around a scope or resource. They answer, and never fail.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use futures_util::future::LocalBoxFuture;

use super::{
    bearer::{self, Presented},
    bearer_answer::BearerError,
    extract::missing_middleware,
    mount::Auth,
    state::RequestAuth,
};
use crate::{
    authorization::{Decision, Facts, Missing, Policy},
    validation::{CallerKind, Code, VerifyError},
};

/// Made by [`Auth::require`](super::Auth::require).
pub struct Guard {
    auth: Auth,
    policy: Rc<Policy>,
    keeps_fragment: bool,
}

impl Guard {
    pub(super) fn new(auth: Auth, policy: Policy) -> Self {
        Self {
            auth,
            policy: Rc::new(policy),
            keeps_fragment: false,
        }
    }

    /// Keeps the fragment of the address (what stands behind `#`) through the sign-in, for pages
    /// that route by it.
    ///
    /// A browser does not send it: a visitor who is not signed in gets a small page (401), whose
    /// script passes it on to sign-in. Without script a link goes there without it.
    #[must_use]
    pub const fn keep_fragment(mut self) -> Self {
        self.keeps_fragment = true;
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(GuardService {
            service: Rc::new(service),
            auth: self.auth.clone(),
            policy: Rc::clone(&self.policy),
            keeps_fragment: self.keeps_fragment,
        }))
    }
}

/// The service that [`Guard`] wraps around a scope or resource.
pub struct GuardService<S> {
    service: Rc<S>,
    auth: Auth,
    policy: Rc<Policy>,
    keeps_fragment: bool,
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let service = Rc::clone(&self.service);
        let policy = Rc::clone(&self.policy);
        let auth = self.auth.clone();
        let keeps_fragment = self.keeps_fragment;
        Box::pin(async move {
            let response = match decide(&request, &auth, &policy).await {
                Ok(()) => {
                    let mut response = service.call(request).await?.map_into_left_body();
                    // What only some may see must not stay in caches, or behind the Back button.
                    if !response.headers().contains_key(header::CACHE_CONTROL) {
                        let headers = response.headers_mut();
                        let value = HeaderValue::from_static("no-store");
                        headers.insert(header::CACHE_CONTROL, value);
                    }
                    return Ok(response);
                }
                // Of all answers only the way to sign-in is a redirect.
                Err(answer) if keeps_fragment && answer.status() == StatusCode::FOUND => {
                    Box::new(auth.ask_for_fragment(request.request()))
                }
                Err(answer) => answer,
            };
            Ok(request.into_response(*response).map_into_right_body())
        })
    }
}

type Refused = Box<HttpResponse>;

/// Lets in, or answers.
async fn decide(request: &ServiceRequest, auth: &Auth, policy: &Policy) -> Result<(), Refused> {
    let request = request.request();
    // Another instance's sessions and tokens say nothing to this one.
    let Some(state) = RequestAuth::of_instance(request, auth) else {
        return Err(Box::new(missing_middleware(auth.name())));
    };
    let presented = if policy.admits_bearer() {
        bearer::presented(request.headers())
    } else {
        Presented::Nothing
    };
    let refuse = |error| Err(Box::new(auth.bearer_refused(request, policy, &error)));
    match presented {
        Presented::Nothing => decide_user(request, &state, policy).await,
        Presented::Repeated => refuse(BearerError::InvalidRequest),
        Presented::Malformed => {
            let code = Code::Shape;
            auth.engine().events().bearer_refused(code.as_str());
            refuse(BearerError::InvalidToken(code.as_str(), code.sentence()))
        }
        Presented::Token(token) => decide_bearer(request, &state, policy, token).await,
    }
}

async fn decide_user(
    request: &HttpRequest,
    state: &RequestAuth,
    policy: &Policy,
) -> Result<(), Refused> {
    let auth = state.auth();
    if policy.admits_bearer() && bearer::in_query(request) {
        let answer = auth.bearer_refused(request, policy, &BearerError::InvalidRequest);
        return Err(Box::new(answer));
    }
    if !policy.admits_user() {
        let answer = auth.bearer_refused(request, policy, &BearerError::Missing);
        return Err(Box::new(answer));
    }
    let session = state
        .session(request.headers())
        .await
        .map_err(|error| Box::new(auth.store_down(request, error)))?;
    let facts = session
        .as_ref()
        .map_or(Facts::Nobody, |session| Facts::User(session.user()));
    match policy.decide(facts) {
        Decision::Allowed => Ok(()),
        Decision::Unknown => {
            let reason = state.reason(request.headers());
            let mut answer = auth.unauthenticated(request, reason);
            if policy.admits_bearer() && answer.status() == StatusCode::UNAUTHORIZED {
                auth.challenge_bearer(&mut answer, policy, &BearerError::Missing);
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

async fn decide_bearer(
    request: &HttpRequest,
    state: &RequestAuth,
    policy: &Policy,
    token: &str,
) -> Result<(), Refused> {
    let auth = state.auth();
    let refuse = |error: &BearerError<'_>| Box::new(auth.bearer_refused(request, policy, error));
    // One request, one credential: with two of them it is not clear who asks.
    if state.has_session_cookie(request.headers()) || bearer::in_query(request) {
        return Err(refuse(&BearerError::InvalidRequest));
    }
    let events = auth.engine().events();
    let token = match auth.verify_bearer(token).await {
        Ok(token) => {
            events.bearer_accepted();
            token
        }
        Err(VerifyError::Rejected(rejection)) => {
            events.bearer_refused(rejection.code.as_str());
            tracing::info!(code = rejection.code.as_str(), "a bearer token was refused");
            let error = BearerError::InvalidToken(rejection.code.as_str(), rejection.sentence());
            return Err(refuse(&error));
        }
        Err(VerifyError::Unavailable(unavailable)) => {
            events.bearer_refused("AAD-PROVIDER-UNAVAILABLE");
            let answer = auth.provider_down(unavailable.retry_after.as_secs());
            return Err(Box::new(answer));
        }
    };
    match policy.decide(Facts::Bearer(&token)) {
        Decision::Allowed => {
            state.set_token(token);
            Ok(())
        }
        // Only a client that has said so can handle a challenge, and only a user can do more.
        Decision::StepUp(context)
            if token.kind() == CallerKind::Delegated && token.handles_claims_challenges() =>
        {
            Err(refuse(&BearerError::InsufficientClaims(&context)))
        }
        _ => Err(refuse(&BearerError::InsufficientScope)),
    }
}
