//! The HTTP/1.1 service of one listener.

use std::{fmt, net::SocketAddr, time::Duration};

use actix_http::{HttpService, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::{
    body::{BoxBody, MessageBody},
    dev::AppConfig,
};

use super::{acceptor::Accepted, connection::Connection, limits::Limits, serving};

/// Wraps the application in Actix's dispatcher. `stopping` creates a future that completes when the server
/// stops.
pub(super) fn http1<S, B, F>(
    app: S,
    limits: Limits,
    stopping: impl Fn() -> F + 'static,
) -> impl ServiceFactory<
    Accepted,
    Config = (),
    InitError = (),
    Service: Service<Accepted, Future: 'static> + 'static,
> + 'static
where
    S: ServiceFactory<Request, Config = ()> + 'static,
    S::Error: Into<Response<BoxBody>> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
    F: Future<Output = ()> + 'static,
{
    HttpService::build()
        .graceful_shutdown_signal(stopping)
        .client_request_timeout(limits.head / 2)
        .client_disconnect_timeout(Duration::from_secs(1))
        .on_connect_ext(|connection: &Connection, data| {
            data.insert(connection.watch());
        })
        .finish(serving::watched(app))
}

/// Uses the constructor of Actix's own test server, the only one outside of actix-web.
pub(super) fn app_config(is_secure: bool, address: SocketAddr) -> AppConfig {
    AppConfig::__priv_test_new(is_secure, address.to_string(), address)
}
