//! The HTTP/1.1 server: Actix's workers and dispatcher behind an acceptor of our own.
//!
//! `HttpServer` leaves four things open that a stranger can use, and offers no hook for them:
//!
//! - The deadline for a request's head holds for the first one of a connection only. A body, the
//!   head of a later request, and the rest of a chunked body that no handler reads have none.
//! - A client that does not read its response keeps the connection without a limit.
//! - The number of connections is bounded for each worker, without regard to descriptors, and at
//!   the bound all clients wait for the idle ones.
//! - With TLS it offers HTTP/2 as soon as any crate switches on the feature `http2` of actix-http,
//!   as awc does. actix-http 3 carries h2 0.3 and http 0.2: a request with 40,000 tiny headers of
//!   different names panics in `http`, and the number of concurrent streams has no bound.
//!
//! So each accepted socket is registered (`connections`) and its reads and writes are noted
//! (`connection`), the service notes when a request is being answered (`serving`), and one task
//! a second closes what is overdue. TLS is terminated here, with `http/1.1` as the only protocol.

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

/// How the server listens.
pub struct Options {
    /// The certificate; plain http without.
    pub tls: Option<ServerConfig>,
    /// What a client may take.
    pub limits: Limits,
    /// Headers of answers that Actix gives before the application is asked.
    pub bare_headers: BareHeaders,
}

/// Serves the application that `app` makes for each worker. The server stops gracefully when `stop`
/// ends: open requests have [`Limits::drain`], then their connections are closed.
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

/// How many threads answer requests.
pub fn workers() -> usize {
    thread::available_parallelism().map_or(2, |number| number.get().min(512))
}

/// Ends when the listeners are to close; what is open then has [`Limits::drain`].
async fn drained(connections: Arc<Connections>, stop: impl Future<Output = ()>) {
    stop.await;
    rt::spawn(async move {
        tokio::time::sleep(connections.limits().drain).await;
        connections.close_all();
    });
}

/// No HTTP/2, whatever the features of actix-http are: see the module's head.
fn http1_only(mut tls: ServerConfig) -> ServerConfig {
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    tls
}

const fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000) as u64
}
