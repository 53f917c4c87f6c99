//! Answers whose body ends with the connection (RFC 9112 section 6.3, rule 8).
//!
//! With HTTP/1.1, awc treats such an answer as empty. With HTTP/1.0 it reads to the end of the connection. So
//! [`AnswerMarker`] changes the version in the head, which also keeps the connection out of awc's pool. Over
//! TLS, rustls reports an end without `close_notify` as an error, so that an attacker on the network cannot
//! truncate a body.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_rt::net::{ActixStream, Ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose close-delimited answers are marked for awc.
#[derive(Debug)]
pub(super) struct AnswerMarker<Io> {
    io: Io,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The received part of the head of an answer.
    Head(Vec<u8>),
    /// A complete head, and bytes after it, which awc has not read yet.
    Ready(Vec<u8>),
    /// The bytes after a head.
    Body,
}

/// The maximum size of a head in awc, in bytes.
const MAX_HEAD: usize = 128 * 1024;

impl<Io> AnswerMarker<Io> {
    pub(super) const fn new(io: Io) -> Self {
        Self {
            io,
            state: State::Head(Vec::new()),
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for AnswerMarker<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { io, state } = &mut *self;
        loop {
            match state {
                State::Body => return Pin::new(io).poll_read(context, buffer),
                State::Ready(bytes) => {
                    let (now, later) = bytes.split_at(bytes.len().min(buffer.remaining()));
                    buffer.put_slice(now);
                    *state = match later {
                        [] => State::Body,
                        later => State::Ready(later.to_vec()),
                    };
                    return Poll::Ready(Ok(()));
                }
                State::Head(head) => {
                    let mut chunk = [0; 4096];
                    let mut chunk = ReadBuf::new(&mut chunk);
                    ready!(Pin::new(&mut *io).poll_read(context, &mut chunk))?;
                    head.extend_from_slice(chunk.filled());
                    let ended = chunk.filled().is_empty() || head.len() > MAX_HEAD;
                    if let Some(end) = end_of_head(head) {
                        mark(head, end);
                        *state = State::Ready(std::mem::take(head));
                    } else if ended {
                        *state = State::Ready(std::mem::take(head));
                    }
                }
            }
        }
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for AnswerMarker<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // awc reads an answer completely before it sends the next request.
        if let State::Body = self.state {
            self.state = State::Head(Vec::new());
        }
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<Io: ActixStream> ActixStream for AnswerMarker<Io> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.io.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.io.poll_write_ready(context)
    }
}

/// The position after the empty line.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let ends = memchr::memchr_iter(b'\n', bytes).filter_map(|at| {
        let rest = bytes.get(at + 1..)?;
        let empty_line = [&b"\r\n"[..], b"\n"]
            .into_iter()
            .find(|line| rest.starts_with(line))?;
        Some(at + 1 + empty_line.len())
    });
    ends.into_iter().next()
}

/// Writes HTTP/1.0 into the head of an answer whose body ends with the connection.
fn mark(bytes: &mut [u8], end: usize) {
    let Some((head, _)) = bytes.split_at_mut_checked(end) else {
        return;
    };
    if is_close_delimited(head)
        && let Some(minor) = head.get_mut(VERSION.len() - 1)
    {
        *minor = b'0';
    }
}

const VERSION: &[u8] = b"HTTP/1.1";

fn is_close_delimited(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = lines.next().and_then(|line| line.strip_prefix(VERSION));
    let Some(status) = status.map(<[u8]>::trim_ascii_start) else {
        return false;
    };
    let has_no_body = matches!(
        status,
        [b'1', ..] | [b'2', b'0', b'4', ..] | [b'3', b'0', b'4', ..]
    );
    let is_framed = lines.any(|line| {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii_end();
        // A coding other than chunked ends with the connection too (rule 4).
        name.eq_ignore_ascii_case(b"content-length")
            || (name.eq_ignore_ascii_case(b"transfer-encoding")
                && value.to_ascii_lowercase().ends_with(b"chunked"))
    });
    !has_no_body && !is_framed
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn marked(answer: &str) -> String {
        let mut bytes = answer.as_bytes().to_vec();
        if let Some(end) = end_of_head(&bytes) {
            mark(&mut bytes, end);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_an_answer_with_a_body_of_unknown_length_is_marked() {
        for unchanged in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: GZIP, Chunked \r\n\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n{}",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n",
            "\r\n\r\n",
            "",
        ] {
            assert_eq!(marked(unchanged), unchanged);
        }
        for head in [
            " 200 OK\r\n\r\n{\"content-length: 2\":1}",
            " 200 OK\r\nX: Content-Length: 2\r\n\r\n{}",
            " 400 Bad Request\r\nConnection: close\r\n\r\n{}",
            " 200 OK\nServer: x\n\n{}",
            " 200 OK\r\nTransfer-Encoding: identity\r\n\r\n{}",
        ] {
            assert_eq!(
                marked(&format!("HTTP/1.1{head}")),
                format!("HTTP/1.0{head}")
            );
        }
    }

    #[actix_web::test]
    async fn each_answer_of_a_connection_is_looked_at_however_it_is_cut() {
        let framed = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let open = "HTTP/1.1 200 OK\r\n\r\n[HTTP/1.1 200 OK\r\n\r\n]";
        let (ours, mut theirs) = tokio::io::duplex(7);
        let mut ours = AnswerMarker::new(ours);
        let server = actix_web::rt::spawn(async move {
            for answer in [framed, framed, open] {
                let mut request = [0; 3];
                theirs.read_exact(&mut request).await.unwrap();
                theirs.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        for _ in 0..2 {
            ours.write_all(b"GET").await.unwrap();
            let mut answer = vec![0; framed.len()];
            ours.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, framed.as_bytes());
        }
        ours.write_all(b"GET").await.unwrap();
        let mut answer = String::new();
        ours.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, open.replacen("1.1", "1.0", 1));
        server.await.unwrap();
    }

    #[actix_web::test]
    async fn a_head_that_never_ends_is_handed_on_at_the_bound() {
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        let mut ours = AnswerMarker::new(ours);
        let endless = vec![b'x'; 2 * MAX_HEAD];
        actix_web::rt::spawn(async move { theirs.write_all(&endless).await });
        let mut read = Vec::new();
        ours.read_to_end(&mut read).await.unwrap();
        assert_eq!(read.len(), 2 * MAX_HEAD);
    }
}
