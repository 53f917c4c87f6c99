//! The pace of request bodies, and the middleware that keeps clients to it.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::Method,
};
use futures_util::{
    FutureExt,
    future::{Either, LocalBoxFuture, MapOk, TryFutureExt},
};

use super::{middleware::Outward, paced_body::PacedBody};

/// How fast a request body must arrive. As a middleware it answers 408 to slower clients, and
/// closes their connection, whatever the handler makes of the body.
///
/// The time in which the application itself does not read is not counted. Requests without a body
/// pass unchanged, and so do WebSockets. The routes of [`Auth`](super::Auth) keep the default pace
/// by themselves.
///
/// By default a client may be silent for 10 s and must send 500 bytes a second:
/// `App::new().wrap(BodyPace::default())`.
#[derive(Clone, Copy, Debug)]
pub struct BodyPace {
    silence: Duration,
    bytes_per_second: u32,
}

impl BodyPace {
    /// A client may keep the application waiting for `silence`. Each received byte gives back
    /// 1/`bytes_per_second` of a second, up to `silence`. A rate of 0 is taken as 1.
    pub const fn new(silence: Duration, bytes_per_second: u32) -> Self {
        let bytes_per_second = if bytes_per_second == 0 {
            1
        } else {
            bytes_per_second
        };
        Self {
            silence,
            bytes_per_second,
        }
    }

    pub(super) const fn silence(self) -> Duration {
        self.silence
    }

    /// How long so many bytes may take.
    pub(super) fn time_for(self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Duration::from_secs(bytes.into()) / self.bytes_per_second
    }
}

impl Default for BodyPace {
    fn default() -> Self {
        Self::new(Duration::from_secs(10), 500)
    }
}

impl<S, B> Transform<S, ServiceRequest> for BodyPace
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = PacedService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let pace = *self;
        ready(Ok(PacedService { service, pace }))
    }
}

/// The service that [`BodyPace`] wraps around the application.
pub struct PacedService<S> {
    service: S,
    pace: BodyPace,
}

/// A request without a body allocates no future.
type PacedFuture<F, B> =
    Either<MapOk<F, Outward<B>>, LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>>;

impl<S, B> Service<ServiceRequest> for PacedService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = PacedFuture<S::Future, B>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        if !has_body(&mut request) {
            let outward: Outward<B> = ServiceResponse::map_into_boxed_body;
            return Either::Left(self.service.call(request).map_ok(outward));
        }
        let body = PacedBody::new(request.take_payload(), self.pace);
        let payload = Box::pin(body.clone());
        request.set_payload(Payload::Stream { payload });
        let answer = self.service.call(request);
        let paced = async move {
            let response = answer.await?.map_into_boxed_body();
            if !body.is_late() {
                return Ok(response);
            }
            tracing::debug!("a request body arrived too slowly");
            let (request, _) = response.into_parts();
            let late = HttpResponse::RequestTimeout().body("The request did not arrive in time.\n");
            Ok(ServiceResponse::new(request, body.close_with(late)))
        };
        Either::Right(paced.boxed_local())
    }
}

/// Whether there is a body to wait for. A WebSocket's messages come as the body of a GET, whenever
/// the client has any.
fn has_body(request: &mut ServiceRequest) -> bool {
    let is_upgrade = request.method() == Method::GET && request.head().upgrade();
    let (_, payload) = request.parts_mut();
    !is_upgrade && !matches!(payload, Payload::None)
}
