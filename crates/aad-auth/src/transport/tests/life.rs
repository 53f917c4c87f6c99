//! The life of the provider thread.

use std::time::{Duration, Instant};

use super::{quick, token_request, transport};
use crate::transport::{
    CallShare, Transport, TransportError, TransportSettings,
    test_server::{TestServer, answer, hang},
};

fn good() -> TestServer {
    TestServer::answering(answer("200 OK", "{}"))
}

#[actix_web::test]
async fn one_call_too_many_is_turned_away_at_once() {
    let hanging = TestServer::start(|_, stream| hang(stream));
    let server = good();
    let mut settings = TransportSettings::default().timeout(Duration::from_secs(2));
    settings.bounds.token = CallShare::new(2, 2);
    let transport = Transport::new(settings).unwrap();
    let held = || transport.send(token_request(hanging.url("/")));
    let third = async {
        let start = Instant::now();
        let sent = transport.send(token_request(server.url("/"))).await;
        assert!(start.elapsed() < Duration::from_millis(1500));
        sent.err()
    };
    let (first, second, third) = futures_util::future::join3(held(), held(), third).await;
    assert_eq!(first.err(), Some(TransportError::Timeout));
    assert_eq!(second.err(), Some(TransportError::Timeout));
    assert_eq!(third, Some(TransportError::Busy));
    let later = transport.send(token_request(server.url("/"))).await;
    assert!(later.is_ok(), "the places are free again");
}

#[actix_web::test]
async fn a_panic_in_a_task_ends_nothing_else() {
    let server = good();
    let transport = quick();
    for _ in 0..3 {
        transport
            .spawn(async { panic!("a task of a test") })
            .unwrap();
        let sent = transport.send(token_request(server.url("/"))).await;
        assert!(sent.is_ok());
    }
}

#[actix_web::test]
async fn a_task_outlives_its_caller_and_may_send() {
    let server = good();
    let transport = quick();
    let (done, wait) = tokio::sync::oneshot::channel();
    let (inner, url) = (transport.clone(), server.url("/"));
    transport
        .spawn(async move {
            let sent = inner.send(token_request(url)).await;
            done.send(sent.is_ok()).unwrap();
        })
        .unwrap();
    assert!(wait.await.unwrap());
}

#[actix_web::test]
async fn stopping_ends_what_is_under_way_and_refuses_what_comes_later() {
    let hanging = TestServer::start(|_, stream| hang(stream));
    let transport = transport(Duration::from_secs(20));
    let start = Instant::now();
    let stop = async {
        actix_rt::time::sleep(Duration::from_millis(100)).await;
        transport.stop();
    };
    let call = transport.send(token_request(hanging.url("/")));
    let (sent, ()) = futures_util::future::join(call, stop).await;
    assert_eq!(sent.err(), Some(TransportError::Stopped));
    assert!(start.elapsed() < Duration::from_secs(10));
    let later = transport.send(token_request(hanging.url("/"))).await;
    assert_eq!(later.err(), Some(TransportError::Stopped));
    assert_eq!(
        transport.spawn(async {}).err(),
        Some(TransportError::Stopped)
    );
}

#[test]
fn roots_that_are_no_certificates_are_refused_at_the_start() {
    let settings = TransportSettings::default().ca_pem(b"not PEM".to_vec());
    assert_eq!(
        Transport::new(settings).err(),
        Some(TransportError::InvalidTrustedRoots)
    );
}

#[test]
fn a_handle_alone_starts_no_thread() {
    let transport = quick();
    assert!(!transport.is_running());
    transport.spawn(async {}).unwrap();
    assert!(transport.is_running());
}

#[test]
fn handle_and_futures_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn is_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let transport = quick();
    is_shared(&transport);
    let url = url::Url::parse("http://127.0.0.1:1/").unwrap();
    is_send(&transport.send(token_request(url)));
}
