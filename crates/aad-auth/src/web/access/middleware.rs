//! The middleware: the outermost wrap of the application.

use std::future::{Ready, ready};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use futures_util::future::{Either, MapOk, TryFutureExt};

use crate::web::{
    answers::{forgotten::refuse_without_routes, head_too_large},
    instance::{Auth, RequestAuth},
    request::{Outward, csrf, genuine_cookies::keep_genuine},
};

/// Made by [`Auth::middleware`]. Looks up no session by itself: guards and extractors do.
///
/// See [`Auth`] for an example.
pub struct AuthMiddleware {
    auth: Auth,
}

impl AuthMiddleware {
    pub(in crate::web) const fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl<S, B> Transform<S, ServiceRequest> for AuthMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = AuthService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(AuthService {
            service,
            auth: self.auth.clone(),
        }))
    }
}

/// The service that [`AuthMiddleware`] wraps around the application.
pub struct AuthService<S> {
    service: S,
    auth: Auth,
}

impl<S> AuthService<S> {
    /// Checks size and origin, removes cookies that are not genuine, and puts the state of this instance
    /// into the request; or answers.
    fn admit(&self, request: &mut ServiceRequest) -> Result<(), Box<HttpResponse>> {
        // First, so that nothing below reads more than that.
        if let Err(what) = self.auth.head_bounds().check(request.head()) {
            return Err(Box::new(head_too_large(what)));
        }
        let watch = self.auth.address_watch();
        watch.look(self.auth.config(), request.path(), request.headers());
        let own = self.auth.origin();
        if !csrf::allows(request.method(), request.headers(), own)
            && !self.auth.accepts_cross_site(request.path())
        {
            return Err(Box::new(self.auth.cross_site(request.request())));
        }
        // After the check above, which must know of every cookie that came.
        let removed = keep_genuine(request.headers_mut(), &self.auth.config().cookies.names());
        if removed > 0 {
            self.auth.engine().events().cookies_removed(removed);
            tracing::debug!(removed, "cookies that are not genuine were removed");
        }
        let outer = RequestAuth::innermost(request.request());
        if let Some(outer) = &outer {
            if !self.auth.is_beside(outer.auth()) {
                return Err(Box::new(not_beside()));
            }
            // Mounted twice: what the outer one has found serves the inner one too.
            if RequestAuth::of_instance(request.request(), &self.auth).is_some() {
                return Ok(());
            }
        }
        let state = RequestAuth::new(self.auth.clone(), outer);
        request.extensions_mut().insert(state);
        Ok(())
    }
}

/// The answer where two instances of one application were built without [`beside`]: then no check has
/// excluded that they share cookies or routes.
///
/// [`beside`]: crate::AuthBuilder::beside
fn not_beside() -> HttpResponse {
    tracing::error!(
        "two instances of aad-auth are mounted in one application, and the second one was built \
         without `.beside(&first)`: add that line, with `.name(…)` and `.prefix(…)`"
    );
    HttpResponse::InternalServerError().finish()
}

impl<S, B> Service<ServiceRequest> for AuthService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<MapOk<S::Future, Outward<B>>, Ready<Result<Self::Response, Error>>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        if let Err(response) = self.admit(&mut request) {
            return Either::Right(ready(Ok(request.into_response(*response))));
        }
        let outward: Outward<B> = if self.auth.routes_are_mounted() {
            ServiceResponse::map_into_boxed_body
        } else {
            refuse_without_routes
        };
        Either::Left(self.service.call(request).map_ok(outward))
    }
}
