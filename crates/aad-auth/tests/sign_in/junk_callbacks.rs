//! What strangers leave in a store that several instances share: nothing (abuse W36).

use entra_emulator::Fault;

use crate::{
    redis::RedisServer,
    support::{ADA, Browser, Fleet, Page},
};

/// How many callbacks of each kind are sent.
const EACH: usize = 20;
/// How many codes an instance redeems at a time (`MAX_REDEMPTIONS`).
const PLACES: usize = 64;

/// The records of the store, without what the instances themselves keep there: each other's
/// fingerprints and the provider's keys.
fn claims(server: &RedisServer) -> usize {
    let answer = server.tell("KEYS *:c:*");
    answer.trim().trim_start_matches('*').parse().unwrap()
}

fn without(callback: &str, name: &str) -> String {
    let mut url = url::Url::parse(callback).unwrap();
    let kept: Vec<_> = url.query_pairs().into_owned().collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept.iter().filter(|(known, _)| known != name));
    url.to_string()
}

fn with(callback: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(&without(callback, name)).unwrap();
    url.query_pairs_mut().append_pair(name, value);
    url.to_string()
}

/// A browser that has begun a sign-in, and the address with which the provider would send it back.
async fn begun(fleet: &Fleet) -> (Browser, String) {
    let browser = Browser::new();
    let start = browser.get(&fleet.at(0, "/auth/sign_in")).await;
    let state = start.parameter("state").unwrap();
    let callback = fleet.at(0, "/auth/redirect?code=garbage");
    (browser, with(&callback, "state", &state))
}

/// Callbacks that end before any code is redeemed: what is sent, and by which browser.
async fn junk(fleet: &Fleet, kind: &str) -> Page {
    let (browser, callback) = begun(fleet).await;
    let stranger = Browser::new();
    match kind {
        "no state" => browser.get(&without(&callback, "state")).await,
        "no state, no cookie" => stranger.get(&without(&callback, "state")).await,
        "a state that is nonsense" => browser.get(&with(&callback, "state", "AAAA")).await,
        "a forged state" => {
            let (kept, last) = callback.split_at(callback.len() - 1);
            let other = if last == "A" { "B" } else { "A" };
            browser.get(&format!("{kept}{other}")).await
        }
        "no cookie" => stranger.get(&callback).await,
        "another browser's cookie" => {
            let (name, _) = browser.binding_cookie().unwrap();
            let (_, value) = begun(fleet).await.0.binding_cookie().unwrap();
            stranger.set_cookie("localhost", &name, &value);
            stranger.get(&callback).await
        }
        "no code" => browser.get(&without(&callback, "code")).await,
        "a code that cannot be one" => browser.get(&with(&callback, "code", "a\u{0}b")).await,
        "code and error" => {
            browser
                .get(&with(&callback, "error", "access_denied"))
                .await
        }
        "an error" => {
            let declined = with(&without(&callback, "code"), "error", "access_denied");
            browser.get(&declined).await
        }
        "another issuer" => {
            browser
                .get(&with(&callback, "iss", "https://evil.test"))
                .await
        }
        "a repeated parameter" => browser.get(&format!("{callback}&code=x")).await,
        "a form" => {
            let (url, query) = callback.split_once('?').unwrap();
            browser.post(url, query).await
        }
        _ => panic!("{kind}"),
    }
}

#[actix_web::test]
async fn w36_junk_callbacks_leave_no_record_whatever_is_wrong_with_them() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    for kind in [
        "no state",
        "no state, no cookie",
        "a state that is nonsense",
        "a forged state",
        "no cookie",
        "another browser's cookie",
        "no code",
        "a code that cannot be one",
        "code and error",
        "an error",
        "another issuer",
        "a repeated parameter",
        "a form",
    ] {
        for _ in 0..EACH {
            let page = junk(&fleet, kind).await;
            assert!(!page.status.is_success(), "{kind}: {page:?}");
        }
        assert_eq!(claims(&server), 0, "{kind}");
    }
}

#[actix_web::test]
async fn w36_an_expired_attempt_leaves_no_record() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    use aad_auth::{
        store::{Clock, SystemClock},
        testing::ManualClock,
    };
    let clock = ManualClock::at(SystemClock.now());
    let on_redis =
        |source: aad_auth::config::Source| source.with("AAD_SESSION_STORE", server.url());
    let handed = std::sync::Arc::new(clock.clone());
    let fleet = Fleet::with(1, on_redis, |builder| builder.clock(handed.clone()));
    let mut late = Vec::new();
    for _ in 0..EACH {
        late.push(begun(&fleet).await);
    }
    clock.advance(std::time::Duration::from_secs(3601));
    for (browser, callback) in late {
        let page = browser.get(&callback).await;
        assert!(!page.status.is_success(), "{page:?}");
    }
    assert_eq!(claims(&server), 0);
}

#[actix_web::test]
async fn w36_a_flood_of_real_attempts_with_garbage_codes_stays_within_the_bound_and_leaves_nothing()
{
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    let mut attempts = Vec::new();
    for _ in 0..200 {
        attempts.push(begun(&fleet).await);
    }
    // All at once, at a provider that takes its time over each of them.
    let slow = Fault::delay(entra_emulator::Endpoint::Token, 200);
    fleet.emulator.control().faults().set(slow);
    let flood = attempts
        .iter()
        .map(|(browser, callback)| browser.get(callback));
    let flood = futures_util::future::join_all(flood);
    let mut most = 0;
    let mut flood = std::pin::pin!(flood);
    let pages = loop {
        let pause = actix_web::rt::time::sleep(std::time::Duration::from_millis(25));
        match futures_util::future::select(&mut flood, std::pin::pin!(pause)).await {
            futures_util::future::Either::Left((pages, _)) => break pages,
            futures_util::future::Either::Right(_) => most = most.max(claims(&server)),
        }
    };
    assert!(pages.iter().all(|page| !page.status.is_success()));
    assert!((1..=PLACES).contains(&most), "{most} claims at a time");
    assert_eq!(claims(&server), 0);
    // A second arrival is refused as well, and leaves as little.
    let (browser, callback) = &attempts[0];
    assert!(!browser.get(callback).await.status.is_success());
    assert_eq!(claims(&server), 0);
}

#[actix_web::test]
async fn w36_garbage_codes_leave_no_record_while_the_provider_fails() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    use entra_emulator::Endpoint::Token;
    let fleet = Fleet::start(1, &server.url());
    for fault in [
        Fault::close(Token),
        Fault::status(Token, 500),
        Fault::status(Token, 429),
        Fault::status(Token, 401),
    ] {
        fleet.emulator.control().faults().clear();
        fleet.emulator.control().faults().set(fault);
        for _ in 0..EACH {
            let (browser, callback) = begun(&fleet).await;
            assert!(!browser.get(&callback).await.status.is_success());
        }
        assert_eq!(claims(&server), 0);
    }
    // The record of a sign-in that is completed stays: its code must not be redeemed again.
    fleet.emulator.control().faults().clear();
    fleet.users(ADA);
    let page = Browser::new().open(&fleet.at(0, "/app/x")).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(claims(&server), 1);
}
