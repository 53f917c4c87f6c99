//! The HTTP/1.1 server: Actix's workers and dispatcher behind an acceptor of our own.
//!
//! `HttpServer` has four gaps that any client can use, and no hook to close them:
//!
//! - Only the first request of a connection has a deadline for its head. A body, the head of a later
//!   request, and the rest of a chunked body that no handler reads have none.
//! - A client that does not read its response keeps the connection for ever.
//! - The bound on connections is for each worker and ignores descriptors. At the bound, all clients wait
//!   for the idle ones.
//! - With TLS it offers HTTP/2 where any crate enables the feature `http2` of actix-http, as awc does.
//!   actix-http 3 uses h2 0.3 and http 0.2: a request with 40,000 small headers of different names
//!   panics in `http`, and the number of concurrent streams has no bound.
//!
//! So the server registers each accepted socket (`connections`). The socket reports its reads and writes
//! (`connection`), and the service reports requests in progress (`serving`). One task closes overdue
//! connections each second. The server terminates TLS with `http/1.1` as the only protocol.

mod acceptor;
mod bare_answers;
mod connection;
mod connections;
pub mod descriptors;
mod http;
mod limits;
mod serving;
mod watch;

use std::{fmt, io, net::TcpListener, rc::Rc, sync::Arc, thread, time::Duration};

use actix_http::{Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, map_config};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{AppConfig, Server},
    rt,
};
use rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

use acceptor::AcceptorFactory;
use connections::Connections;

pub use bare_answers::BareHeaders;
pub use limits::Limits;

/// Certificate, limits and headers of the server.
pub struct Options {
    /// The certificate; `None` is plain http.
    pub tls: Option<ServerConfig>,
    /// The limits of connections.
    pub limits: Limits,
    /// Headers of answers that Actix gives before it calls the application.
    pub bare_headers: BareHeaders,
}

/// Serves the application that `app` creates for each worker.
///
/// When `stop` completes, the server stops gracefully: open requests have [`Limits::drain`], then their
/// connections are closed.
///
/// # Errors
/// A listener that cannot be used.
pub fn serve<F, I, S, B>(
    app: F,
    listeners: Vec<TcpListener>,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let Options {
        tls,
        limits,
        bare_headers,
    } = options;
    let workers = workers();
    let connections = Connections::new(limits);
    rt::spawn(Connections::sweep(Arc::downgrade(&connections)));
    let mut server = Server::build()
        .workers(workers)
        .max_concurrent_connections(limits.connections.div_ceil(workers))
        .shutdown_timeout(whole_seconds(limits.drain).saturating_add(1))
        .shutdown_signal(drained(Arc::clone(&connections), stop));
    let stopping = server.graceful_shutdown_signal();
    let tls = tls.map(http1_only).map(Arc::new);
    for listener in listeners {
        let address = listener.local_addr()?;
        let config = http::app_config(tls.is_some(), address);
        let (app, tls, stopping) = (app.clone(), tls.clone(), stopping.clone());
        let (connections, bare_headers) = (Arc::clone(&connections), bare_headers.clone());
        server = server.listen(format!("webapp-{address}"), listener, move || {
            let (config, stopping) = (config.clone(), stopping.clone());
            let app = map_config(app(), move |()| config.clone());
            let app = app.map_err(|error| error.into().error_response());
            let stopping = move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            };
            AcceptorFactory {
                http: Rc::new(http::http1(app, limits, stopping)),
                tls: tls.clone().map(TlsAcceptor::from),
                connections: Arc::clone(&connections),
                bare_headers: bare_headers.clone(),
            }
        })?;
    }
    Ok(server.run())
}

/// The number of worker threads.
pub fn workers() -> usize {
    thread::available_parallelism().map_or(2, |number| number.get().min(512))
}

/// Completes when the listeners are to close. Open connections are closed after [`Limits::drain`].
async fn drained(connections: Arc<Connections>, stop: impl Future<Output = ()>) {
    stop.await;
    rt::spawn(async move {
        tokio::time::sleep(connections.limits().drain).await;
        connections.close_all();
    });
}

/// Offers no HTTP/2, whatever the features of actix-http are. The module's documentation says why.
fn http1_only(mut tls: ServerConfig) -> ServerConfig {
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    tls
}

const fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000) as u64
}
