//! A client's stream, plain or TLS, that reports reads and writes to its watch.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{bare_answers::BareHeaders, watch::Watch};

/// A client's stream.
pub(super) struct Connection {
    stream: Stream,
    watch: Arc<Watch>,
    bare_headers: BareHeaders,
    /// The unwritten rest of a bare answer of Actix, with our headers.
    bare_answer: Option<Vec<u8>>,
}

enum Stream {
    Plain(WatchedSocket),
    Tls(Box<TlsStream<WatchedSocket>>),
}

/// A socket that reports reads and writes. It is below TLS, so that it reports a handshake too.
pub(super) struct WatchedSocket {
    socket: TcpStream,
    watch: Arc<Watch>,
}

impl Connection {
    /// Completes the TLS handshake; without TLS there is none.
    pub(super) async fn establish(
        socket: TcpStream,
        tls: Option<&TlsAcceptor>,
        watch: Arc<Watch>,
        bare_headers: BareHeaders,
    ) -> io::Result<Self> {
        let socket = WatchedSocket {
            socket,
            watch: Arc::clone(&watch),
        };
        let stream = match tls {
            None => Stream::Plain(socket),
            Some(tls) => Stream::Tls(Box::new(tls.accept(socket).await?)),
        };
        Ok(Self {
            stream,
            watch,
            bare_headers,
            bare_answer: None,
        })
    }

    pub(super) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    /// Writes a bare answer of Actix with our headers.
    fn write_bare_answer(
        &mut self,
        context: &mut Context<'_>,
        mut answer: Vec<u8>,
    ) -> Poll<io::Result<()>> {
        while !answer.is_empty() {
            match self.write(context, &answer) {
                Poll::Ready(Ok(0)) => {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                Poll::Ready(Ok(written)) => drop(answer.drain(..written)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.bare_answer = Some(answer);
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let bare = match self.bare_answer.take() {
            None if self.watch.is_bare_answer() => self.bare_headers.add_to(bytes),
            begun => begun,
        };
        if let Some(answer) = bare {
            ready!(self.write_bare_answer(context, answer))?;
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(self.write(context, bytes))?;
        self.watch.answered();
        Poll::Ready(Ok(written))
    }

    /// Actix flushes after it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        })?;
        self.watch.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl AsyncRead for WatchedSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.watch.received();
        }
        read
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        match &written {
            Poll::Pending => self.watch.blocked(),
            Poll::Ready(result) => self.watch.sent(*result.as_ref().unwrap_or(&0)),
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
