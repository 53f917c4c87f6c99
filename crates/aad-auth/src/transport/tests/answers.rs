//! Answers that are redirects, too large, compressed, truncated, or no HTTP.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::{quick, token_request, transport};
use crate::transport::{
    CallPurpose, Request, TransportError,
    test_server::{TestServer, answer, hang},
};

pub(super) const SHORT: Duration = Duration::from_millis(400);

pub(super) async fn failure(server: &TestServer, timeout: Duration) -> TransportError {
    let sent = transport(timeout)
        .send(token_request(server.url("/")))
        .await;
    sent.err().unwrap()
}

#[actix_web::test]
async fn redirects_are_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 Other",
        "307 Again",
        "308 For ever",
    ] {
        let evil = TestServer::answering(answer("200 OK", "{}"));
        let location = evil.url("/steal");
        let server =
            TestServer::answering(answer(&format!("{status}\r\nLocation: {location}"), ""));
        let transport = quick();
        let post = transport.send(token_request(server.url("/"))).await;
        let get = transport
            .send(Request::get(CallPurpose::Metadata, server.url("/")))
            .await;
        assert!(post.ok().unwrap().status.is_redirection());
        assert!(get.ok().unwrap().status.is_redirection());
        assert_eq!(evil.connections(), 0, "{status}");
    }
}

#[actix_web::test]
async fn a_body_that_is_announced_too_large_is_refused_before_it_is_read() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")?;
        hang(stream)
    });
    let start = Instant::now();
    assert_eq!(
        failure(&server, Duration::from_secs(5)).await,
        TransportError::TooLarge
    );
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[actix_web::test]
async fn a_body_that_turns_out_too_large_is_refused() {
    for head in [
        "1.1 200 OK\r\nTransfer-Encoding: chunked",
        "1.1 200 OK",
        "1.0 200 OK",
    ] {
        let server = TestServer::start(move |_, stream| {
            write!(stream, "HTTP/{head}\r\n\r\n")?;
            let chunk = [b' '; 0x4000];
            loop {
                if head.contains("chunked") {
                    stream.write_all(b"4000\r\n")?;
                }
                stream.write_all(&chunk)?;
                if head.contains("chunked") {
                    stream.write_all(b"\r\n")?;
                }
            }
        });
        assert_eq!(
            failure(&server, Duration::from_secs(5)).await,
            TransportError::TooLarge,
            "{head}"
        );
    }
}

#[actix_web::test]
async fn r87_a_body_that_ends_with_the_connection_is_read() {
    for head in [
        "1.1 200 OK\r\nConnection: close",
        "1.1 200 OK\r\nTransfer-Encoding: identity",
        "1.1 400 Bad Request",
        "1.0 200 OK",
    ] {
        let server = TestServer::start(move |_, stream| {
            write!(stream, "HTTP/{head}\r\n\r\n{{\"access_token\"")?;
            stream.flush()?;
            sleep(Duration::from_millis(50));
            stream.write_all(b":\"HTTP/1.1 200 OK\"}")?;
            Ok(false)
        });
        for _ in 0..2 {
            let sent = quick().send(token_request(server.url("/"))).await;
            let answer = sent.ok().unwrap();
            assert_eq!(
                answer.body, b"{\"access_token\":\"HTTP/1.1 200 OK\"}",
                "{head}"
            );
        }
        assert_eq!(
            server.connections(),
            2,
            "such a connection is not used again"
        );
    }
}

#[actix_web::test]
async fn r87_a_body_without_an_end_is_given_up_at_the_deadline() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}")?;
        hang(stream)
    });
    assert_eq!(failure(&server, SHORT).await, TransportError::Timeout);
}

#[actix_web::test]
async fn endless_headers_are_refused() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"X-Filler: ")?;
            stream.write_all(&[b'x'; 1000])?;
            stream.write_all(b"\r\n")?;
        }
    });
    let error = failure(&server, Duration::from_secs(5)).await;
    assert!(
        matches!(error, TransportError::Broken | TransportError::TooLarge),
        "{error:?}"
    );
}

#[actix_web::test]
async fn a_compressed_answer_is_refused() {
    for coding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
        let head = format!("200 OK\r\nContent-Encoding: {coding}");
        let server = TestServer::answering(answer(&head, "\x1f"));
        assert_eq!(
            failure(&server, Duration::from_secs(5)).await,
            TransportError::Broken
        );
        let request = server.requests().remove(0).to_lowercase();
        assert!(request.contains("accept-encoding: identity\r\n"));
    }
}

/// The provider is killed. awc treats the end of a truncated chunked body as complete, so that the JSON reader
/// refuses it.
#[actix_web::test]
async fn r122_a_connection_that_ends_before_the_answer_is_complete_is_closed_and_not_broken() {
    let cuts: [&[u8]; 5] = [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"access\"",
    ];
    for bytes in cuts {
        let server = TestServer::start(move |_, stream| stream.write_all(bytes).map(|()| false));
        let error = failure(&server, Duration::from_secs(5)).await;
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(error, TransportError::Closed, "{shown:?}");
    }
}

#[actix_web::test]
async fn what_is_no_http_is_refused() {
    let noise: [&[u8]; 6] = [
        b"\0\0\0\0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ];
    for bytes in noise {
        let server = TestServer::start(move |_, stream| stream.write_all(bytes).map(|()| false));
        let error = failure(&server, Duration::from_secs(5)).await;
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(error, TransportError::Broken, "{shown:?}");
    }
}
