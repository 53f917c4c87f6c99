//! Accepts sockets: registers each, completes the handshake, serves requests.

use std::{
    future::Future,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_http::Protocol;
use actix_web::{
    dev::{Service, ServiceFactory},
    rt::net::TcpStream,
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use tokio_rustls::TlsAcceptor;

use super::{bare_answers::BareHeaders, connection::Connection, connections::Connections};

/// A connection for actix-http.
pub(super) type Accepted = (Connection, Protocol, Option<std::net::SocketAddr>);

/// Creates the acceptor of each worker.
pub(super) struct AcceptorFactory<H> {
    pub(super) http: Rc<H>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) connections: Arc<Connections>,
    pub(super) bare_headers: BareHeaders,
}

/// Registers each socket, completes the handshake, and serves requests until the client or the
/// register closes the connection.
pub(super) struct Acceptor<S> {
    http: Rc<S>,
    tls: Option<TlsAcceptor>,
    connections: Arc<Connections>,
    bare_headers: BareHeaders,
}

impl<H> ServiceFactory<TcpStream> for AcceptorFactory<H>
where
    H: ServiceFactory<Accepted, Config = (), InitError = ()> + 'static,
    H::Service: 'static,
    <H::Service as Service<Accepted>>::Future: 'static,
{
    type Response = ();
    type Error = ();
    type Config = ();
    type Service = Acceptor<H::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let http = self.http.new_service(());
        let tls = self.tls.clone();
        let connections = Arc::clone(&self.connections);
        let bare_headers = self.bare_headers.clone();
        async move {
            Ok(Acceptor {
                http: Rc::new(http.await?),
                tls,
                connections,
                bare_headers,
            })
        }
        .boxed_local()
    }
}

impl<S> Service<TcpStream> for Acceptor<S>
where
    S: Service<Accepted> + 'static,
    S::Future: 'static,
{
    type Response = ();
    type Error = ();
    type Future = LocalBoxFuture<'static, Result<(), ()>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.http.poll_ready(context).map_err(drop)
    }

    fn call(&self, socket: TcpStream) -> Self::Future {
        let admitted = self.connections.admit();
        let watch = Arc::clone(&admitted.watch);
        let served = self.serve(socket, Arc::clone(&watch));
        async move {
            tokio::select! {
                biased;
                () = served => {}
                () = watch.closed() => {}
            }
            drop(admitted);
            Ok(())
        }
        .boxed_local()
    }
}

impl<S> Acceptor<S>
where
    S: Service<Accepted> + 'static,
    S::Future: 'static,
{
    fn serve(
        &self,
        socket: TcpStream,
        watch: Arc<super::watch::Watch>,
    ) -> impl Future<Output = ()> + 'static {
        let (http, tls) = (Rc::clone(&self.http), self.tls.clone());
        let bare_headers = self.bare_headers.clone();
        async move {
            let peer = socket.peer_addr().ok();
            let connection = Connection::establish(socket, tls.as_ref(), watch, bare_headers);
            // Nothing is logged: the failure of a connection is the client's.
            if let Ok(connection) = connection.await {
                drop(http.call((connection, Protocol::Http1, peer)).await);
            }
        }
    }
}
