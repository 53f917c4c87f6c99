//! Answers that are late.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use http::StatusCode;

use super::{
    answers::{SHORT, failure},
    token_request, transport,
};
use crate::transport::{
    CallPurpose, Request, TransportError,
    test_server::{Stream, TestServer, answer, hang},
};

fn drip(stream: &mut dyn Stream, text: &[u8]) -> std::io::Result<bool> {
    for byte in text.iter().cycle() {
        stream.write_all(&[*byte])?;
        stream.flush()?;
        sleep(Duration::from_millis(50));
    }
    Ok(false)
}

#[actix_web::test]
async fn a_server_that_drips_the_body_holds_nobody() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")?;
        drip(stream, b" ")
    });
    let start = Instant::now();
    assert_eq!(failure(&server, SHORT).await, TransportError::Timeout);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[actix_web::test]
async fn a_server_that_drips_the_header_holds_nobody() {
    let server = TestServer::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        drip(stream, b"X-Y: z\r\n")
    });
    let start = Instant::now();
    assert_eq!(failure(&server, SHORT).await, TransportError::Timeout);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[actix_web::test]
async fn a_server_that_hangs_holds_neither_its_caller_nor_others() {
    let hanging = TestServer::start(|_, stream| hang(stream));
    let good = TestServer::answering(answer("200 OK", "{}"));
    let patience = Duration::from_secs(2);
    let transport = transport(patience);
    let start = Instant::now();
    let held = transport.send(token_request(hanging.url("/")));
    let other = transport.send(token_request(good.url("/")));
    let (held, other) = futures_util::future::join(held, async {
        let answer = other.await;
        (answer, start.elapsed())
    })
    .await;
    assert_eq!(held.err().unwrap(), TransportError::Timeout);
    assert_eq!(other.0.ok().unwrap().status, StatusCode::OK);
    assert!(other.1 < patience, "the good call waited {:?}", other.1);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[actix_web::test]
async fn repetition_stays_within_the_total_deadline() {
    let server = TestServer::start(|number, stream| match number {
        0 => stream.write_all(&answer("503 Busy", "")).map(|()| true),
        _ => hang(stream),
    });
    let start = Instant::now();
    let sent = transport(SHORT)
        .send(Request::get(CallPurpose::Keys, server.url("/")))
        .await;
    assert_eq!(sent.err().unwrap(), TransportError::Timeout);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[actix_web::test]
async fn an_answer_is_not_given_away_for_a_repetition_that_comes_too_late() {
    let server = TestServer::answering(answer("503 Busy", ""));
    let sent = transport(Duration::from_millis(150))
        .send(Request::get(CallPurpose::Keys, server.url("/")))
        .await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
}
