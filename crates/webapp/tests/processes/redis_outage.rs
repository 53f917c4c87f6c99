//! Redis is stopped and started again under load.

use std::time::{Duration, Instant};

use crate::{
    browser::Browser,
    redis::RedisServer,
    support::{ADA, Fleet},
};

#[actix_web::test]
async fn without_redis_guarded_pages_wait_public_ones_answer_and_nobody_is_signed_out() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let fleet = Fleet::start(2, &server.url());
    let mut users = Vec::new();
    for _ in 0..4 {
        let browser = Browser::new();
        assert_eq!(browser.open(&fleet.url("/token_details")).await.status, 200);
        users.push(browser);
    }
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let outage = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        server.kill();
        // As long as the load needs to have seen it.
        stopped.recv().unwrap();
        server.resume();
        server
    });
    let mut refused = 0;
    while refused < 20 {
        refused += round(&fleet, &users).await;
        let page = Browser::new().get(&fleet.url("/token_details")).await;
        assert_eq!(page.status, 302, "strangers are sent to sign in: {page:?}");
    }
    // An answer of readiness serves everybody for a second.
    let deadline = Instant::now() + Duration::from_secs(10);
    while Browser::new().fetch(&fleet.url("/readyz")).await.status != 503 {
        assert!(Instant::now() < deadline, "ready without a store");
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(()).unwrap();
    let _server = outage.join().unwrap();
    // Then all of them are served again, without signing in.
    for _ in 0..200 {
        if round(&fleet, &users).await == 0 {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("did not recover");
}

/// Asks for a guarded and a public page on behalf of everybody; how many of the former had to wait.
async fn round(fleet: &Fleet, users: &[Browser]) -> usize {
    let mut refused = 0;
    for user in users {
        let guarded = user.fetch(&fleet.url("/api/me")).await;
        match guarded.status.as_u16() {
            200 => assert!(guarded.body.contains(ADA)),
            503 => {
                assert!(guarded.header("retry-after").is_some(), "{guarded:?}");
                refused += 1;
            }
            _ => panic!("{guarded:?}"),
        }
        assert!(guarded.all("set-cookie").is_empty(), "{guarded:?}");
        let public = user.get(&fleet.url("/")).await;
        assert_eq!(public.status, 200, "{public:?}");
    }
    refused
}
