//! The provider's keys through HTTP: floods, key rolls, restarts, and a provider that is away.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use aad_auth::internals::AuthInternals;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entra_emulator::{Endpoint, Fault, KeyEdit, KeyRoll, Mutation};

use crate::{
    bearer::{call_with, expect_refusal, of_user},
    support::{ADA, App, Browser, World},
};

const REQUESTS: usize = 100_000;
const CONNECTIONS: usize = 4;
/// Requests that are under way at once on one connection.
const WINDOW: usize = 16;

/// Everything is right but the key, which nobody has: only the key set could tell.
fn forged(kid: &str, rest: &str) -> String {
    let header = format!(r#"{{"typ":"JWT","alg":"RS256","kid":"{kid}"}}"#);
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// Sends its share of forged tokens over one connection, and counts the refusals.
fn flood(port: u16, connection: usize, rest: &str) -> usize {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut refused = 0;
    for round in 0..REQUESTS / CONNECTIONS / WINDOW {
        let mut requests = String::new();
        for at in 0..WINDOW {
            let token = forged(&format!("{connection}-{round}-{at}"), rest);
            requests.push_str("GET /apis/any HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n");
            requests.push_str(&format!("authorization: Bearer {token}\r\n\r\n"));
        }
        stream.write_all(requests.as_bytes()).unwrap();
        for _ in 0..WINDOW {
            refused += usize::from(status(&mut reader) == 401);
        }
    }
    refused
}

/// Reads one answer, and returns its status.
fn status(reader: &mut impl BufRead) -> u16 {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let field = line.trim_end().to_ascii_lowercase();
        if field.is_empty() {
            break;
        }
        if let Some(value) = field.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    status
}

#[actix_web::test]
async fn f6_a_hundred_thousand_forged_key_ids_cause_one_fetch_a_minute_and_nobody_waits() {
    let world = World::start();
    let good = format!("Bearer {}", of_user(&world).sign().unwrap());
    let good = good.as_str();
    let call = async || crate::bearer::call(&world, "/apis/any", good).await.status;
    assert_eq!(call().await, 200);
    let verifier = world.app.auth.engine().verifier();
    let held = verifier.cache_usage();
    assert_eq!(held.0, 1);
    let began = Instant::now();
    let (port, rest) = (world.app.port, of_user(&world).sign().unwrap());
    let rest: Arc<str> = rest.split_once('.').unwrap().1.into();
    let floods: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let rest = Arc::clone(&rest);
            std::thread::spawn(move || flood(port, connection, &rest))
        })
        .collect();
    // Valid callers are served meanwhile, those who are known and those who are new.
    let mut served = 0;
    while !floods.iter().all(std::thread::JoinHandle::is_finished) {
        assert_eq!(call().await, 200);
        assert_eq!(
            call_with(&world, "/apis/any", of_user(&world)).await.status,
            200
        );
        served += 2;
    }
    let refused: usize = floods.into_iter().map(|flood| flood.join().unwrap()).sum();
    assert_eq!(
        refused,
        REQUESTS / (CONNECTIONS * WINDOW) * CONNECTIONS * WINDOW
    );
    assert!(served > 10, "{served}");
    // Each was counted once, whichever way it was decided.
    let totals = verifier.provider().state().totals;
    assert_eq!(usize::try_from(totals.unknown_keys).unwrap(), refused);
    let minutes = usize::try_from(began.elapsed().as_secs() / 60).unwrap();
    let fetches = world.emulator.control().count_calls(Endpoint::Keys);
    assert!(fetches <= 1 + minutes + 1, "{fetches} in {minutes} minutes");
    // Only genuine tokens are held, and none was pushed out.
    let (tokens, bytes) = verifier.cache_usage();
    assert_eq!(tokens, held.0 + served / 2);
    assert!(bytes <= tokens * held.1.next_multiple_of(1024), "{bytes}");
    assert_eq!(call().await, 200);
}

#[actix_web::test]
async fn f7_a_new_key_signs_in_and_calls_at_once() {
    let world = World::start();
    world.users(ADA);
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
    let control = world.emulator.control();
    control.rotate_keys(KeyRoll::PublishAndSign).unwrap();
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
    control.rotate_keys(KeyRoll::ReplaceAll).unwrap();
    let browser = Browser::new();
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
}

/// During a roll-over the provider's nodes serve sets that each lack something.
#[actix_web::test]
async fn a_key_roll_with_partial_key_sets_refuses_nobody() {
    let world = World::start();
    world.users(ADA);
    let control = world.emulator.control();
    let old = format!("Bearer {}", of_user(&world).sign().unwrap());
    let call = async |header: &str| {
        crate::bearer::call(&world, "/apis/any", header)
            .await
            .status
    };
    assert_eq!(call(&old).await, 200);
    // The new key comes in a set that has lost all others.
    let only_new = control.faults().keys(KeyEdit::OnlySigningKey);
    control.rotate_keys(KeyRoll::PublishAndSign).unwrap();
    let new = format!("Bearer {}", of_user(&world).sign().unwrap());
    for header in [&new, &old, &new, &old] {
        assert_eq!(call(header).await, 200);
    }
    assert_eq!(
        Browser::new().open(&world.app.url("/app/x")).await.status,
        200
    );
    // The next roll: the first node that is asked does not know the new key yet.
    control.faults().remove(only_new);
    control
        .faults()
        .set(Fault::keys(KeyEdit::WithoutSigningKey).once());
    control.rotate_keys(KeyRoll::PublishAndSign).unwrap();
    let tabs = [Browser::new(), Browser::new(), Browser::new()];
    let url = world.app.url("/app/x");
    let pages = futures_util::future::join_all(tabs.iter().map(|tab| tab.open(&url))).await;
    for page in pages {
        assert_eq!(page.status, 200, "{}", page.body);
    }
    for header in [
        &old,
        &new,
        &format!("Bearer {}", of_user(&world).sign().unwrap()),
    ] {
        assert_eq!(call(header).await, 200);
    }
}

#[actix_web::test]
async fn f8_a_flood_just_before_a_rotation_delays_no_sign_in() {
    let world = World::start();
    world.users(ADA);
    for number in 0..20 {
        let forged = of_user(&world).mutate(Mutation::kid(format!("forged-{number}")));
        let page = call_with(&world, "/apis/any", forged).await;
        expect_refusal(&page, 401, "invalid_token");
    }
    let control = world.emulator.control();
    control.rotate_keys(KeyRoll::ReplaceAll).unwrap();
    assert_eq!(
        Browser::new().open(&world.app.url("/app/x")).await.status,
        200
    );
    // What the sign-in has fetched serves the API as well.
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
}

#[actix_web::test]
async fn f5_broken_key_sets_keep_the_last_good_one_and_end_by_themselves() {
    let world = World::start();
    world.users(ADA);
    assert_eq!(
        call_with(&world, "/apis/any", of_user(&world)).await.status,
        200
    );
    let faults = world.emulator.control().faults();
    for fault in [
        Fault::status(Endpoint::Keys, 500),
        Fault::html(Endpoint::Keys, 200),
        Fault::keys(KeyEdit::Empty),
        Fault::huge(Endpoint::Keys, 10 << 20),
        Fault::deep(Endpoint::Keys, 100_000),
        Fault::gzip_bomb(Endpoint::Keys, 200 << 20),
        Fault::cut(Endpoint::Keys),
    ] {
        let what = format!("{fault:?}");
        faults.set(fault);
        // An unknown key makes it ask; the known ones go on.
        let forged = of_user(&world).mutate(Mutation::kid(what.get(..40).unwrap_or("forged")));
        let page = call_with(&world, "/apis/any", forged).await;
        assert_eq!(page.status, 401, "{what}");
        let page = call_with(&world, "/apis/any", of_user(&world)).await;
        assert_eq!(page.status, 200, "{what}");
        let page = Browser::new().open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 200, "{what}");
        faults.clear();
    }
}

#[actix_web::test]
async fn f5_without_any_good_key_set_a_sign_in_is_refused_and_the_next_one_works() {
    for fault in [
        Fault::status(Endpoint::Keys, 500),
        Fault::keys(KeyEdit::Empty),
        Fault::body(Endpoint::Keys, "[]"),
    ] {
        let emulator = entra_emulator::Emulator::builder().start().unwrap();
        emulator.control().faults().set(fault);
        let app = App::start(&emulator, |source| source);
        let world = World { emulator, app };
        world.users(ADA);
        let browser = Browser::new();
        // At the start where waiting does not help, else at the callback.
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(page.header("retry-after").is_some());
        assert!(browser.session_cookie().is_none());
        let page = call_with(&world, "/apis/any", of_user(&world)).await;
        assert_eq!(page.status, 503, "{}", page.body);
        world.emulator.control().faults().clear();
        assert!(recovers(&world).await, "not in the same process");
    }
}

async fn recovers(world: &World) -> bool {
    for _ in 0..60 {
        if call_with(world, "/apis/any", of_user(world)).await.status == 200 {
            return Browser::new().open(&world.app.url("/app/x")).await.status == 200;
        }
        actix_web::rt::time::sleep(Duration::from_millis(250)).await;
    }
    false
}

/// The restart of a process whose sessions and keys are kept in a file.
#[actix_web::test]
async fn a_restart_with_the_provider_away_verifies_bearer_tokens_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file:{}", folder.path().join("sessions.redb").display());
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    let host = emulator.url().to_string();
    let start = |port: Option<u16>| {
        let file = file.clone();
        let change = move |source: aad_auth::config::Source| {
            let source = source
                .with("AAD_SESSION_STORE", file)
                .with("AAD_SESSION_SECRET", secret());
            match port {
                Some(port) => source.with("AAD_BASE_URL", format!("http://localhost:{port}")),
                None => source,
            }
        };
        App::start_at(&host, change, |builder| builder)
    };
    let world = World {
        app: start(None),
        emulator,
    };
    let token = of_user(&world).sign().unwrap();
    let header = format!("Bearer {token}");
    assert_eq!(
        crate::bearer::call(&world, "/apis/any", &header)
            .await
            .status,
        200
    );
    let store = Arc::clone(world.app.auth.engine().sessions().store());
    // Nobody has signed in, so that the one record is the snapshot of the keys.
    until(async || store.stats().records.unwrap_or_default() > 0).await;
    world.app.auth.close().await;
    let World { emulator, app } = world;
    let port = app.port;
    drop(app);
    emulator.stop();
    let app = start(Some(port));
    until(async || app.auth.status().await.provider_keys > 0).await;
    let browser = Browser::new();
    let headers = [("accept", "*/*"), ("authorization", header.as_str())];
    let url = app.url("/apis/any");
    let began = Instant::now();
    let page = browser
        .send(awc::http::Method::GET, &url, &headers, None)
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(app.auth.engine().provider().state().totals.key_fetches == 0);
    // Nor need anybody wait for the provider to be told where to sign in.
    assert_eq!(browser.get(&app.url("/auth/sign_in")).await.status, 302);
}

fn secret() -> String {
    base64::engine::general_purpose::STANDARD.encode((0..64).collect::<Vec<u8>>())
}

async fn until(condition: impl AsyncFn() -> bool) {
    for _ in 0..400 {
        if condition().await {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited for 20 seconds in vain");
}

#[actix_web::test]
async fn f4_a_provider_that_hangs_at_the_start_gives_503_with_retry_after_and_recovers() {
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    emulator
        .control()
        .faults()
        .set(Fault::hang(Endpoint::Discovery));
    let app = App::start(&emulator, |source| {
        source.with("AAD_PROVIDER_TIMEOUT", "1s")
    });
    let world = World { emulator, app };
    world.users(ADA);
    let browser = Browser::new();
    for _ in 0..3 {
        let began = Instant::now();
        let page = browser.get(&world.app.url("/auth/sign_in")).await;
        assert_eq!(page.status, 503);
        assert!(page.header("retry-after").is_some());
        assert!(page.body.contains("AAD-PROVIDER-UNAVAILABLE"));
        assert!(page.header("location").is_none());
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "{:?}",
            began.elapsed()
        );
    }
    world.emulator.control().faults().clear();
    assert!(recovers(&world).await, "not in the same process");
}

#[actix_web::test]
async fn f14_a_wrong_clock_is_a_page_and_no_loop() {
    let world = World::start();
    world.users(ADA);
    for offset in [2 * 3600, -2 * 3600] {
        world.emulator.control().set_clock_offset(offset);
        let browser = Browser::new();
        let callback = browser.until_callback(&world.app.url("/app/x")).await;
        let page = crate::refuses::refused(&world, &browser, &callback, "AAD-TOKEN").await;
        assert!(page.header("location").is_none());
        assert!(
            page.body.contains("AAD-TOKEN-IAT")
                || page.body.contains("AAD-TOKEN-EXP")
                || page.body.contains("AAD-TOKEN-NBF")
        );
    }
    world.emulator.control().set_clock_offset(0);
    assert_eq!(
        Browser::new().open(&world.app.url("/app/x")).await.status,
        200
    );
}

/// A host that the configuration does not name gets neither browser nor code nor secret.
#[actix_web::test]
async fn f20_endpoints_that_have_moved_to_another_host_are_not_used() {
    let evil = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    evil.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/x", evil.local_addr().unwrap());
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for address in [elsewhere.as_str(), "https://login.renamed.example.test/x"] {
            let emulator = entra_emulator::Emulator::builder().start().unwrap();
            emulator
                .control()
                .faults()
                .set(Fault::metadata(member, address));
            let app = App::start(&emulator, |source| source);
            let page = Browser::new().get(&app.url("/auth/sign_in")).await;
            assert_eq!(page.status, 503, "{member}");
            assert!(page.header("location").is_none());
            let status = app.auth.status().await;
            let said = status
                .degraded
                .iter()
                .any(|line| line.contains("AAD_ENDPOINT_HOSTS"));
            assert!(said, "{member}: {:?}", status.degraded);
        }
    }
    assert!(evil.accept().is_err(), "somebody called");
}

#[actix_web::test]
async fn the_cache_of_verified_tokens_can_be_switched_off() {
    let world = World::with(|source| source.with("AAD_TOKEN_CACHE", "0"));
    let header = format!("Bearer {}", of_user(&world).sign().unwrap());
    for _ in 0..2 {
        let page = crate::bearer::call(&world, "/apis/any", &header).await;
        assert_eq!(page.status, 200);
    }
    let usage = world.app.auth.engine().verifier().cache_usage();
    assert_eq!(usage, (0, 0));
}
