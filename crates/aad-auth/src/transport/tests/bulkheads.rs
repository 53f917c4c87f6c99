//! Calls of one kind that hang, and all the others.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, select_all};
use http::StatusCode;

use super::token_request;
use crate::transport::{
    Bounds, CallOwner, CallPurpose, CallShare, Request, Transport, TransportError,
    TransportSettings,
    bulkhead::Bulkhead,
    test_server::{TestServer, answer, hang},
};

const PURPOSES: [CallPurpose; 7] = [
    CallPurpose::Metadata,
    CallPurpose::Keys,
    CallPurpose::Token,
    CallPurpose::Refresh,
    CallPurpose::Revocation,
    CallPurpose::Userinfo,
    CallPurpose::Api,
];

/// A transport whose calls may hang for longer than any test takes.
fn transport(bounds: impl FnOnce(&mut Bounds)) -> Transport {
    let mut settings = TransportSettings::default().timeout(Duration::from_secs(60));
    bounds(&mut settings.bounds);
    Transport::new(settings).unwrap()
}

fn narrow() -> Transport {
    transport(|bounds| {
        let share = CallShare::new(3, 2);
        (bounds.token, bounds.metadata, bounds.userinfo) = (share, share, share);
        (bounds.refresh, bounds.revocation, bounds.api) = (share, share, 3);
    })
}

/// A server that answers all paths but `/hang`.
fn server() -> TestServer {
    TestServer::choosing(|request, stream| {
        if request.starts_with("GET /hang") {
            return hang(stream);
        }
        stream.write_all(&answer("200 OK", "{}")).map(|()| true)
    })
}

async fn assert_answered(transport: &Transport, request: Request) {
    let purpose = request.purpose;
    let began = Instant::now();
    let sent = transport.send(request).await;
    assert_eq!(sent.ok().unwrap().status, StatusCode::OK, "{purpose:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{purpose:?}");
}

#[actix_web::test]
async fn w10_calls_that_hang_keep_no_call_of_another_kind_waiting_not_even_at_the_same_host() {
    let server = server();
    for hanging in PURPOSES {
        let transport = narrow();
        let hang = || transport.send(Request::get(hanging, server.url("/hang")));
        let held = join_all([hang(), hang(), hang()]);
        let others = async {
            // Polled after the calls that hang, which have taken their places by then.
            assert_eq!(hang().await.err(), Some(TransportError::Busy));
            for other in PURPOSES {
                if Bulkhead::of(other) == Bulkhead::of(hanging) {
                    continue;
                }
                for _ in 0..5 {
                    assert_answered(&transport, Request::get(other, server.url("/"))).await;
                }
            }
            let state = transport.state();
            let label = Bulkhead::of(hanging).label();
            assert_eq!(state.calls_in_flight.get(label), Some(&3), "{hanging:?}");
            assert_eq!(state.calls_in_flight.values().sum::<usize>(), 3);
            assert_eq!(state.calls_refused, [(label, 1)].into());
        };
        tokio::select! {
            biased;
            _ = held => panic!("what hangs was answered"),
            () = others => {}
        }
    }
}

#[actix_web::test]
async fn w10_300_hanging_calls_of_an_api_take_a_connection_from_no_sign_in() {
    let server = server();
    let transport = transport(|_| {});
    let call = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let mut user = [0; 32];
        (user[0], user[1]) = (high, low);
        let caller = CallOwner {
            user,
            session: user,
        };
        let request = Request::get(CallPurpose::Api, server.url("/hang")).on_behalf_of(caller);
        Box::pin(transport.send(request))
    };
    let mut refused = 0;
    let mut held: Vec<_> = (0..300).map(call).collect();
    while held.len() > 96 {
        let (sent, _, rest) = select_all(held).await;
        assert_eq!(sent.err(), Some(TransportError::Busy));
        (held, refused) = (rest, refused + 1);
    }
    assert_eq!(refused, 300 - 96);
    for _ in 0..100 {
        assert_answered(&transport, token_request(server.url("/"))).await;
    }
    assert_answered(&transport, Request::get(CallPurpose::Keys, server.url("/"))).await;
    assert_eq!(transport.state().calls_in_flight.get("api"), Some(&96));
    drop(held);
    for _ in 0..1000 {
        if transport.state().calls_in_flight.get("api") == Some(&0) {
            return;
        }
        actix_rt::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("callers that hung up keep their places");
}

#[actix_web::test]
async fn w10_a_bulkhead_has_as_many_connections_as_its_share_says() {
    let server = TestServer::start(|_, stream| hang(stream));
    let transport = transport(|bounds| bounds.refresh = CallShare::new(20, 4));
    let call = || {
        let request = Request {
            purpose: CallPurpose::Refresh,
            ..token_request(server.url("/"))
        };
        transport.send(request)
    };
    let calls = join_all((0..20).map(|_| call()));
    let opened = async {
        while server.connections() < 4 {
            actix_rt::time::sleep(Duration::from_millis(10)).await;
        }
        actix_rt::time::sleep(Duration::from_millis(500)).await;
        server.connections()
    };
    tokio::select! {
        _ = calls => panic!("what hangs was answered"),
        opened = opened => assert_eq!(opened, 4),
    }
}
