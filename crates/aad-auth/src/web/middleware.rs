//! The middleware: the outermost wrap of the application.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error, HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

use super::{csrf, mount::Auth, state::RequestAuth};

/// Made by [`Auth::middleware`]. Identifies nobody by itself: guards and extractors do.
pub struct AuthMiddleware {
    auth: Auth,
}

impl AuthMiddleware {
    pub(super) const fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl<S, B> Transform<S, ServiceRequest> for AuthMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = AuthService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(AuthService {
            service: Rc::new(service),
            auth: self.auth.clone(),
        }))
    }
}

/// The service that [`AuthMiddleware`] wraps around the application.
pub struct AuthService<S> {
    service: Rc<S>,
    auth: Auth,
}

impl<S, B> Service<ServiceRequest> for AuthService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Either<
        LocalBoxFuture<'static, Result<Self::Response, Error>>,
        Ready<Result<Self::Response, Error>>,
    >;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let exempt = self.auth.accepts_cross_site(request.path());
        let own = self.auth.origin();
        if !exempt && !csrf::allows(request.method(), request.headers(), own) {
            let response = self.auth.cross_site(request.request());
            let response = request.into_response(response).map_into_right_body();
            return Either::Right(ready(Ok(response)));
        }
        request
            .extensions_mut()
            .insert(RequestAuth::new(self.auth.clone()));
        let future = self.service.call(request);
        Either::Left(async move { Ok(future.await?.map_into_left_body()) }.boxed_local())
    }
}
