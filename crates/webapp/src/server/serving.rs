//! Reports to a connection's watch when the application serves a request, and when it waits for the body.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use actix_http::{Payload, Request, Response};
use actix_service::{Service, ServiceFactory, apply_fn_factory};
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    error::PayloadError,
    http::Method,
    web::Bytes,
};
use futures_util::{Stream, StreamExt};

use super::watch::Watch;

/// Wraps the application in a service that reports to the watch.
pub(super) fn watched<S, B>(
    app: S,
) -> impl ServiceFactory<
    Request,
    Config = S::Config,
    Response = Response<WatchedBody>,
    Error = S::Error,
    InitError = S::InitError,
    Service: Service<Request, Future: 'static>,
    Future: 'static,
>
where
    S: ServiceFactory<Request> + 'static,
    S::Response: Into<Response<B>>,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    apply_fn_factory(app, |mut request: Request, app: &S::Service| {
        let watch = request.conn_data::<Arc<Watch>>().cloned();
        if let Some(watch) = &watch {
            watch_body(&mut request, watch);
        }
        let serving = watch.map(Serving::begin);
        let answer = app.call(request);
        async move {
            let response: Response<B> = answer.await?.into();
            Ok(response.map_body(|_, body| WatchedBody {
                body: body.boxed(),
                _serving: serving,
            }))
        }
    })
}

/// A request in progress, until the last byte of its answer has been written.
struct Serving(Arc<Watch>);

impl Serving {
    fn begin(watch: Arc<Watch>) -> Self {
        watch.begin_request();
        Self(watch)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.end_request();
    }
}

/// The body of an answer. It keeps its request in progress.
pub(super) struct WatchedBody {
    body: BoxBody,
    _serving: Option<Serving>,
}

impl MessageBody for WatchedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.body.as_pin_mut().poll_next(context)
    }
}

/// Wraps the body of a request, except of a WebSocket, whose client may be silent for any time.
fn watch_body(request: &mut Request, watch: &Arc<Watch>) {
    let is_websocket = request.method() == Method::GET && request.upgrade();
    if is_websocket || matches!(request.payload(), Payload::None) {
        return;
    }
    let body = request.take_payload();
    let watch = Arc::clone(watch);
    let payload = Box::pin(RequestBody { body, watch });
    *request.payload() = Payload::Stream { payload };
}

struct RequestBody {
    body: Payload,
    watch: Arc<Watch>,
}

impl Stream for RequestBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = self.body.poll_next_unpin(context);
        self.watch.awaits_body(chunk.is_pending());
        chunk
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.watch.awaits_body(false);
    }
}
