//! The middleware that keeps clients to a [`BodyPace`].

use std::future::{Ready, ready};

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

use super::{BodyPace, Outward, paced_body::PacedBody};

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
