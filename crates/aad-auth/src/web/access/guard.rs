//! Guards: a policy around a scope or resource. They answer, and never fail.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture, MapOk, TryFutureExt};

use super::gate::{Early, Gate};
use crate::{
    policy::Policy,
    web::{answers::cors::preflight, instance::Auth, request::Outward},
};

/// Made by [`Auth::require`](crate::Auth::require).
///
/// See [`Auth::require`](crate::Auth::require) for an example.
pub struct Guard {
    gate: Rc<Gate>,
    keeps_fragment: bool,
}

impl Guard {
    pub(in crate::web) fn new(auth: Auth, policy: Policy) -> Self {
        Self {
            gate: Rc::new(Gate::new(auth, policy)),
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
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(GuardService {
            service: Rc::new(service),
            gate: Rc::clone(&self.gate),
            keeps_fragment: self.keeps_fragment,
        }))
    }
}

/// The service that [`Guard`] wraps around a scope or resource.
pub struct GuardService<S> {
    service: Rc<S>,
    gate: Rc<Gate>,
    keeps_fragment: bool,
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<
        MapOk<S::Future, Outward<B>>,
        LocalBoxFuture<'static, Result<Self::Response, Error>>,
    >;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let origins = &self.gate.auth().config().cors_origins;
        if let Some(answer) = preflight(request.request(), origins) {
            let answer = Ok(request.into_response(answer));
            return Either::Right(async move { answer }.boxed_local());
        }
        let early = self.gate.decide_at_once(request.request());
        if matches!(early, Early::Decided(Ok(()))) {
            let outward: Outward<B> = kept_private;
            return Either::Left(self.service.call(request).map_ok(outward));
        }
        let (service, gate) = (Rc::clone(&self.service), Rc::clone(&self.gate));
        let keeps_fragment = self.keeps_fragment;
        let decided = async move {
            let decision = match early {
                Early::Decided(decision) => decision,
                Early::Pending(pending) => gate.decide(request.request(), pending).await,
            };
            let answer = match decision {
                Ok(()) => return service.call(request).await.map(kept_private),
                // Of all answers only the way to sign-in is a redirect.
                Err(answer) if keeps_fragment && answer.status() == StatusCode::FOUND => {
                    Box::new(gate.auth().ask_for_fragment(request.request()))
                }
                Err(answer) => answer,
            };
            Ok(request.into_response(*answer))
        };
        Either::Right(decided.boxed_local())
    }
}

/// Guarded answers must not be cached, nor shown by the Back button.
fn kept_private<B: MessageBody + 'static>(response: ServiceResponse<B>) -> ServiceResponse {
    let mut response = response.map_into_boxed_body();
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        let value = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, value);
    }
    response
}
