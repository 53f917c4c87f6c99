//! The circuit breaker over real connections.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use http::StatusCode;
use url::Url;

use super::transport;
use crate::transport::{
    CallOwner, CallPurpose, Request, Response, Transport, TransportError,
    test_server::{TestServer, answer, hang},
};

async fn call(transport: &Transport, url: &Url, user: u8) -> Result<Response, TransportError> {
    let caller = CallOwner {
        user: [user; 32],
        session: [user; 32],
    };
    let request = Request::get(CallPurpose::Api, url.clone()).on_behalf_of(caller);
    transport.send(request).await
}

/// The time to wait while the circuit is open. The answer does not wait.
async fn wait_while_open(transport: &Transport, url: &Url, user: u8) -> Duration {
    let began = Instant::now();
    let error = call(transport, url, user).await.err();
    assert!(began.elapsed() < Duration::from_secs(2));
    let Some(TransportError::CircuitOpen { retry_after }) = error else {
        panic!("{error:?}");
    };
    retry_after
}

#[actix_web::test]
async fn w12_a_host_that_hangs_is_left_alone_tried_once_and_used_again() {
    let server = TestServer::start(|number, stream| match number {
        0..6 => hang(stream),
        _ => stream.write_all(&answer("200 OK", "{}")).map(|()| true),
    });
    let other = TestServer::answering(answer("200 OK", "{}"));
    let (url, transport) = (server.url("/"), transport(Duration::from_secs(2)));
    let hanging = (0..5).map(|user| call(&transport, &url, user));
    for sent in join_all(hanging).await {
        assert_eq!(sent.err(), Some(TransportError::Timeout));
    }
    let wait = wait_while_open(&transport, &url, 9).await;
    assert!(wait <= Duration::from_secs(5));
    assert_eq!(server.requests().len(), 5, "nothing was sent");
    assert_eq!(transport.state().open_circuits, 1);
    assert_eq!(transport.state().calls_in_flight.get("api"), Some(&0));
    assert!(call(&transport, &other.url("/"), 9).await.is_ok());

    // It is tried, and still hangs.
    actix_rt::time::sleep(wait).await;
    let tried = call(&transport, &url, 9).await;
    assert_eq!(tried.err(), Some(TransportError::Timeout));
    let wait = wait_while_open(&transport, &url, 8).await;
    assert!(
        wait_while_open(&transport, &url, 9).await > wait,
        "others first"
    );

    actix_rt::time::sleep(wait).await;
    for user in 7..9 {
        let sent = call(&transport, &url, user).await;
        assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
    }
    assert_eq!(transport.state().open_circuits, 0);
}

#[actix_web::test]
async fn w12_a_host_that_refuses_connections_is_left_alone_also_for_one_user() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let url = Url::parse(&url).unwrap();
    drop(listener);
    let transport = transport(Duration::from_secs(10));
    for _ in 0..5 {
        let sent = call(&transport, &url, 1).await;
        assert_eq!(sent.err(), Some(TransportError::Unreachable));
    }
    wait_while_open(&transport, &url, 1).await;
}

#[actix_web::test]
async fn w12_only_downstream_apis_have_a_circuit() {
    let server = TestServer::answering(answer("503 Busy", ""));
    let transport = transport(Duration::from_secs(10));
    for _ in 0..10 {
        let sent = transport.send(super::token_request(server.url("/"))).await;
        assert_eq!(sent.ok().unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(server.requests().len(), 10);
}
