//! Connections for awc, plain or with TLS.
//!
//! This module starts TLS in place of awc, since [`AnswerMarker`] must read the decrypted heads. awc sees
//! plain connections, so that its addresses have the scheme `http` and the port ([`address_for_awc`]).

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use actix_tls::connect::{
    ConnectError, ConnectInfo, Connection, ConnectorService,
    rustls_0_23::{TlsConnector, TlsConnectorService, reexports::AsyncTlsStream},
};
use actix_web::dev::{Service, always_ready};
use awc::http::Uri;
use futures_util::{FutureExt, future::LocalBoxFuture};
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use url::Url;

use super::{TransportError, close_delimited::AnswerMarker, resolver};

/// Opens connections. With a TLS configuration, every connection uses TLS.
#[derive(Clone)]
pub(super) struct Connect {
    tcp: ConnectorService,
    tls: Option<TlsConnectorService>,
    patience: Duration,
}

impl Connect {
    /// `patience` is the timeout of name resolution and TCP handshake.
    pub(super) fn new(tls: Option<Arc<ClientConfig>>, patience: Duration) -> Self {
        Self {
            tcp: resolver::connector(),
            tls: tls.map(TlsConnector::service),
            patience,
        }
    }
}

/// The address under which awc requests a connection from [`Connect`].
pub(super) fn address_for_awc(url: &Url) -> Result<Uri, TransportError> {
    let insecure = TransportError::Insecure;
    let mut address = url.clone();
    let port = url.port_or_known_default().ok_or(insecure)?;
    address.set_scheme("http").map_err(|()| insecure)?;
    address.set_port(Some(port)).map_err(|()| insecure)?;
    // The parser drops a fragment.
    address.as_str().parse().map_err(|_| insecure)
}

impl Service<ConnectInfo<Uri>> for Connect {
    type Response = Connection<Uri, AnswerMarker<MaybeTls>>;
    type Error = ConnectError;
    type Future = LocalBoxFuture<'static, Result<Self::Response, ConnectError>>;

    always_ready!();

    fn call(&self, address: ConnectInfo<Uri>) -> Self::Future {
        let tcp = tokio::time::timeout(self.patience, self.tcp.call(address));
        let tls = self.tls.clone();
        async move {
            let late = |_| ConnectError::Io(io::ErrorKind::TimedOut.into());
            let plain = tcp.await.map_err(late)??;
            let (stream, address) = match tls {
                None => {
                    let (stream, address) = plain.into_parts();
                    (MaybeTls::Plain(stream), address)
                }
                Some(tls) => {
                    let secure = tls.call(plain).await.map_err(ConnectError::Io)?;
                    let (stream, address) = secure.into_parts();
                    (MaybeTls::Tls(Box::new(stream)), address)
                }
            };
            Ok(Connection::new(address, AnswerMarker::new(stream)))
        }
        .boxed_local()
    }
}

/// A connection with or without TLS.
#[derive(Debug)]
pub(super) enum MaybeTls {
    Plain(TcpStream),
    Tls(Box<AsyncTlsStream<TcpStream>>),
}

impl MaybeTls {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for MaybeTls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for MaybeTls {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// Required by awc's trait bounds. Only awc's own TLS would use it.
impl ActixStream for MaybeTls {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(self.socket(), context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(self.socket(), context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_stays_when_the_scheme_changes() {
        for (url, address) in [
            (
                "https://id.example.test/a?b=c#d",
                "http://id.example.test:443/a?b=c",
            ),
            (
                "https://id.example.test:8443/",
                "http://id.example.test:8443/",
            ),
            ("https://id.example.test:80/", "http://id.example.test/"),
            ("http://localhost/", "http://localhost/"),
            ("http://[::1]:5001/x", "http://[::1]:5001/x"),
        ] {
            let found = address_for_awc(&Url::parse(url).unwrap()).unwrap();
            assert_eq!(found.to_string(), address);
        }
    }
}
