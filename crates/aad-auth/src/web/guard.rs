//! Guards: a policy around a scope or resource. They answer, and never fail.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::header::{self, HeaderValue},
};
use futures_util::future::LocalBoxFuture;

use super::{extract::missing_middleware, state::RequestAuth};
use crate::authorization::{Decision, Facts, Policy};

/// Made by [`Auth::require`](super::Auth::require).
pub struct Guard {
    policy: Rc<Policy>,
}

impl Guard {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy: Rc::new(policy),
        }
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
            policy: Rc::clone(&self.policy),
        }))
    }
}

/// The service that [`Guard`] wraps around a scope or resource.
pub struct GuardService<S> {
    service: Rc<S>,
    policy: Rc<Policy>,
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
        Box::pin(async move {
            let response = match decide(&request, &policy).await {
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
                Err(response) => response,
            };
            Ok(request.into_response(*response).map_into_right_body())
        })
    }
}

async fn decide(
    request: &ServiceRequest,
    policy: &Policy,
) -> Result<(), Box<actix_web::HttpResponse>> {
    let request = request.request();
    let Some(state) = RequestAuth::of(request) else {
        return Err(Box::new(missing_middleware()));
    };
    let auth = state.auth();
    let session = match state.session(request.headers()).await {
        Ok(session) => session,
        Err(error) => return Err(Box::new(auth.store_down(request, error))),
    };
    let facts = session
        .as_ref()
        .map_or(Facts::Nobody, |session| Facts::User(session.user()));
    match policy.decide(facts) {
        Decision::Allowed => Ok(()),
        Decision::Unknown => {
            let reason = state.reason(request.headers());
            Err(Box::new(auth.unauthenticated(request, reason)))
        }
        Decision::Forbidden(missing) => Err(Box::new(auth.forbidden(request, &missing))),
    }
}
