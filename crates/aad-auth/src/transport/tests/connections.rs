//! Which requests are repeated, and what happens to connections.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::{quick, token_request, transport};
use crate::transport::{
    CallPurpose, Request, TransportError,
    test_server::{TestServer, answer, hang},
};

/// An address without a listening server.
fn closed_port() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    Url::parse(&format!("http://{address}/")).unwrap()
}

#[actix_web::test]
async fn a_token_request_without_an_answer_is_not_repeated() {
    let server = TestServer::start(|_, _| Ok(false));
    let sent = quick().send(token_request(server.url("/"))).await;
    assert_eq!(sent.err().unwrap(), TransportError::Closed);
    assert_eq!(server.requests().len(), 1);
}

#[actix_web::test]
async fn a_token_request_on_a_connection_that_dies_is_not_repeated() {
    let server = TestServer::start(|number, stream| {
        stream.write_all(match number {
            0 => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            _ => b"",
        })?;
        Ok(number == 0)
    });
    let transport = quick();
    let first = transport.send(token_request(server.url("/"))).await;
    let second = transport.send(token_request(server.url("/"))).await;
    assert_eq!(first.ok().unwrap().status, StatusCode::OK);
    assert_eq!(second.err().unwrap(), TransportError::Closed);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(
        server.connections(),
        1,
        "the second used the first's connection"
    );
}

#[actix_web::test]
async fn a_token_request_is_not_repeated_after_5xx_or_429() {
    for status in [
        "500 Oops",
        "503 Busy\r\nRetry-After: 0",
        "429 Slow\r\nRetry-After: 1",
    ] {
        let server = TestServer::answering(answer(status, ""));
        let sent = quick().send(token_request(server.url("/"))).await;
        assert!(!sent.ok().unwrap().status.is_success());
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[actix_web::test]
async fn a_pooled_connection_that_the_server_closed_is_not_used() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(&answer("200 OK", "{}"))?;
        Ok(false)
    });
    let transport = quick();
    for _ in 0..3 {
        let sent = transport.send(token_request(server.url("/"))).await;
        assert_eq!(sent.ok().unwrap().body, b"{}");
        // The end of the connection arrives while it rests in the pool.
        actix_rt::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(server.connections(), 3);
}

#[actix_web::test]
async fn connections_are_reused() {
    let server = TestServer::answering(answer("200 OK", "{}"));
    let transport = quick();
    for _ in 0..5 {
        let sent = transport.send(token_request(server.url("/"))).await;
        assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
    }
    assert_eq!(server.connections(), 1);
}

#[actix_web::test]
async fn a_get_is_repeated_once() {
    let server = TestServer::answering(answer("503 Busy", "later"));
    let sent = quick()
        .send(Request::get(CallPurpose::Metadata, server.url("/")))
        .await;
    assert_eq!(sent.ok().unwrap().body, b"later");
    assert_eq!(server.requests().len(), 2);

    let closing = TestServer::start(|number, stream| {
        if number == 1 {
            stream.write_all(&answer("200 OK", "{}"))?;
        }
        Ok(false)
    });
    let sent = quick()
        .send(Request::get(CallPurpose::Keys, closing.url("/")))
        .await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
}

#[actix_web::test]
async fn a_get_of_a_downstream_api_is_not_repeated() {
    let server = TestServer::answering(answer("503 Busy", ""));
    let sent = quick()
        .send(Request::get(CallPurpose::Api, server.url("/")))
        .await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.requests().len(), 1);
}

#[actix_web::test]
async fn a_short_retry_after_is_honoured_and_a_long_one_is_not_waited_for() {
    let short = TestServer::start(|number, stream| {
        let busy = answer("429 Slow\r\nRetry-After: 1", "");
        let fine = answer("200 OK", "{}");
        stream.write_all(if number == 0 { &busy } else { &fine })?;
        Ok(true)
    });
    let start = Instant::now();
    let sent = quick()
        .send(Request::get(CallPurpose::Keys, short.url("/")))
        .await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
    assert!(start.elapsed() >= Duration::from_secs(1));

    let long = TestServer::answering(answer("429 Slow\r\nRetry-After: 99999999", ""));
    let start = Instant::now();
    let sent = quick()
        .send(Request::get(CallPurpose::Keys, long.url("/")))
        .await;
    let response = sent.ok().unwrap();
    assert!(start.elapsed() < Duration::from_secs(4));
    assert_eq!(response.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(long.requests().len(), 1);
}

#[actix_web::test]
async fn a_refused_connection_is_reported_at_once() {
    let start = Instant::now();
    let sent = quick().send(token_request(closed_port())).await;
    assert_eq!(sent.err().unwrap(), TransportError::Unreachable);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[actix_web::test]
async fn a_token_request_is_sent_again_when_the_connection_was_refused() {
    let url = closed_port();
    let address = format!("127.0.0.1:{}", url.port().unwrap());
    let server = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        TestServer::listen(
            &address,
            |stream| Ok(Box::new(stream)),
            |_, stream| stream.write_all(&answer("200 OK", "{}")).map(|()| true),
        )
    });
    let sent = quick().send(token_request(url)).await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
    assert_eq!(server.join().unwrap().requests().len(), 1);
}

#[actix_web::test]
async fn a_name_that_does_not_resolve_is_unreachable() {
    let url = Url::parse("https://no-such-host.invalid/").unwrap();
    let sent = transport(Duration::from_secs(10))
        .send(token_request(url))
        .await;
    assert_eq!(sent.err().unwrap(), TransportError::Unreachable);
}

#[actix_web::test]
async fn an_insecure_address_is_refused_unasked() {
    let url = Url::parse("http://192.0.2.1/").unwrap();
    let transport = transport(Duration::from_secs(60));
    let sent = transport.send(token_request(url)).await;
    assert_eq!(sent.err().unwrap(), TransportError::Insecure);
}

#[actix_web::test]
async fn loopback_is_reached_by_each_of_its_names() {
    let server = TestServer::answering(answer("200 OK", "{}"));
    let port = server.address.port();
    let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
    assert!(quick().send(token_request(url)).await.is_ok());

    let six = TestServer::listen(
        "[::1]:0",
        |stream| Ok(Box::new(stream)),
        |_, stream| stream.write_all(&answer("200 OK", "{}")).map(|()| true),
    );
    let sent = quick().send(token_request(six.url("/"))).await;
    assert_eq!(sent.err(), None);
}

#[actix_web::test]
async fn the_request_arrives_as_it_was_written() {
    let server = TestServer::answering(answer("200 OK\r\nX-Twice: a\r\nX-Twice: b", "{}"));
    let mut url = server.url("/token?x=a%20b");
    url.set_fragment(Some("fragment"));
    let request = token_request(url).header(
        header::AUTHORIZATION,
        HeaderValue::from_static("Basic eA=="),
    );
    let response = quick().send(request).await.ok().unwrap();
    assert_eq!(response.headers.get_all("x-twice").iter().count(), 2);
    let seen = server.requests().remove(0);
    let head = seen.to_lowercase();
    assert!(
        head.starts_with("post /token?x=a%20b http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("authorization: basic ea==\r\n"));
    assert!(head.contains("user-agent: aad-auth/"));
    assert!(!head.contains("fragment"));
    assert!(seen.ends_with("\r\n\r\ncode=canary"));
}

#[actix_web::test]
async fn an_abandoned_call_closes_its_connection() {
    let (closed, wait) = std::sync::mpsc::channel();
    let server = TestServer::start(move |_, stream| {
        let end = hang(stream);
        closed.send(end.is_ok()).unwrap();
        Ok(false)
    });
    let transport = transport(Duration::from_secs(20));
    let call = transport.send(token_request(server.url("/")));
    let waited = actix_rt::time::timeout(Duration::from_millis(200), call).await;
    assert!(waited.is_err());
    let seen = actix_rt::task::spawn_blocking(move || wait.recv_timeout(Duration::from_secs(5)));
    assert_eq!(seen.await.unwrap(), Ok(true));
}
