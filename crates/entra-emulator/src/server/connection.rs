//! Access to the connection of a request, so that a fault can close it.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream as AsyncTcpStream;

/// A second handle of a request's connection.
#[derive(Clone)]
pub(crate) struct LiveConnection(Arc<TcpStream>);

impl LiveConnection {
    /// Closes both directions.
    pub(crate) fn close(&self) {
        if let Err(error) = self.0.shutdown(Shutdown::Both) {
            tracing::debug!(%error, "the connection cannot be closed; the client may have closed it");
        }
    }
}

/// Keeps a handle of a new connection for its requests; not available with TLS.
pub(crate) fn remember_connection(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = tcp_stream(connection).and_then(second_handle) {
        data.insert(LiveConnection(Arc::new(stream)));
    }
}

fn tcp_stream(connection: &dyn Any) -> Option<&AsyncTcpStream> {
    connection.downcast_ref::<AsyncTcpStream>()
}

#[cfg(unix)]
fn second_handle(stream: &AsyncTcpStream) -> Option<TcpStream> {
    use std::os::fd::AsFd as _;
    stream
        .as_fd()
        .try_clone_to_owned()
        .ok()
        .map(TcpStream::from)
}

#[cfg(windows)]
fn second_handle(stream: &AsyncTcpStream) -> Option<TcpStream> {
    use std::os::windows::io::AsSocket as _;
    stream
        .as_socket()
        .try_clone_to_owned()
        .ok()
        .map(TcpStream::from)
}
