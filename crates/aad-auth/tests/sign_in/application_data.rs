//! W1–W4: application data belong to the signed-in session, whatever the cookies of a request say.

use std::time::{Duration, Instant};

use aad_auth::{
    internals::{
        AuthInternals,
        session::{MAX_APP_DATA, MAX_APP_DATA_PER_USER, SessionId},
    },
    testing::Operation,
};
use awc::http::{Method, header};

use crate::support::{ADA, AWAY, Browser, NAVIGATION, Page, ROBIN, World};

const SIGN_IN_AGAIN: &str = "/auth/sign_in?prompt=select_account&return_to=/app/x";

async fn put(world: &World, browser: &Browser, value: &str) -> Page {
    browser.post(&world.app.url("/data/put"), value).await
}

async fn data(world: &World, browser: &Browser) -> String {
    browser.get(&world.app.url("/data/get")).await.body
}

fn data_cookie(world: &World) -> String {
    world.app.auth.config().cookies.data.clone()
}

fn records(world: &World) -> u64 {
    let store = world.app.auth.engine().sessions().store();
    store.stats().records.unwrap()
}

/// Sends a raw cookie header, as a browser does that holds planted cookies.
async fn with_cookies(world: &World, path: &str, cookies: &str) -> Page {
    let mut headers = NAVIGATION.to_vec();
    headers.push((header::COOKIE.as_str(), cookies));
    let url = world.app.url(path);
    Browser::new().send(Method::GET, &url, &headers, None).await
}

#[actix_web::test]
async fn w1_a_planted_data_cookie_under_a_disguised_name_is_not_read() {
    let world = World::start();
    // Eve is a visitor with data of her own.
    let eve = Browser::new();
    put(&world, &eve, "eve").await;
    let name = data_cookie(&world);
    let planted = eve.cookies("localhost")[&name].clone();
    for disguised in [
        name.replace('-', "%2D"),
        name.replacen('a', "%61", 1),
        format!("{name}\u{a0}"),
        format!("\u{2003}{name}"),
    ] {
        let cookies = format!("{disguised}={planted}");
        let page = with_cookies(&world, "/data/get", &cookies).await;
        assert_eq!(page.body, "", "{disguised:?}");
        // And it does not hide the genuine one.
        let cookies = format!("{disguised}={planted}; {name}={planted}");
        let page = with_cookies(&world, "/data/get", &cookies).await;
        assert_eq!(page.body, "eve", "{disguised:?}");
    }
    let doubled = format!("{name}={planted}; {name}={planted}");
    assert_eq!(with_cookies(&world, "/data/get", &doubled).await.body, "");
}

#[actix_web::test]
async fn w1_a_disguised_session_cookie_signs_nobody_in_and_out() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let (name, ada) = ada.session_cookie().unwrap();
    let (_, robin) = robin.session_cookie().unwrap();
    let disguised = name.replace('-', "%2D");
    let page = with_cookies(&world, "/app/x", &format!("{disguised}={robin}")).await;
    assert_eq!(page.status, 302);
    let both = format!("{disguised}={robin}; {name}={ada}");
    let page = with_cookies(&world, "/app/x", &both).await;
    assert!(page.body.ends_with("for Ada Admin"), "{}", page.body);
    let counts = world.app.auth.engine().events().counts();
    assert_eq!(counts.cookies_removed, 2);
}

#[actix_web::test]
async fn w2_data_of_a_visitor_never_become_a_users() {
    let world = World::start();
    let eve = Browser::new();
    put(&world, &eve, "eve").await;
    let name = data_cookie(&world);
    let planted = eve.cookies("localhost")[&name].clone();
    // Before the sign-in, and while signed in.
    let victim = Browser::new();
    victim.set_cookie("localhost", &name, &planted);
    world.users(ADA);
    victim.open(&world.app.url("/app/x")).await;
    assert_eq!(data(&world, &victim).await, "");
    victim.set_cookie("localhost", &name, &planted);
    assert_eq!(data(&world, &victim).await, "");
    put(&world, &victim, "of Ada").await;
    assert_eq!(data(&world, &victim).await, "of Ada");
    assert_eq!(data(&world, &eve).await, "eve", "Eve reads her own");
    // Nor do a user's data become a visitor's: the cookie opens nothing without the session.
    let cookies = victim.cookies("localhost");
    let stolen = Browser::new();
    stolen.set_cookie("localhost", &name, &cookies[&name]);
    assert_eq!(data(&world, &stolen).await, "");
}

#[actix_web::test]
async fn w2_data_of_one_user_do_not_reach_the_next_in_the_same_browser() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    put(&world, &browser, "of Ada").await;
    let name = data_cookie(&world);
    let cookie = browser.cookies("localhost")[&name].clone();
    world.users(ROBIN);
    browser.open(&world.app.url(SIGN_IN_AGAIN)).await;
    browser.set_cookie("localhost", &name, &cookie);
    assert_eq!(data(&world, &browser).await, "");
    // Nor another session of the same user.
    let phone = world.signed_in(ADA).await;
    phone.set_cookie("localhost", &name, &cookie);
    assert_eq!(data(&world, &phone).await, "");
}

#[actix_web::test]
async fn w2_data_survive_a_renewed_session_of_the_same_user() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    put(&world, &browser, "of Ada").await;
    let before = browser.session_cookie();
    browser.open(&world.app.url(SIGN_IN_AGAIN)).await;
    assert_ne!(browser.session_cookie(), before, "a new session");
    assert_eq!(data(&world, &browser).await, "of Ada");
    put(&world, &browser, "changed").await;
    assert_eq!(data(&world, &browser).await, "changed");
    // The replaced session answers a moment longer, with what it had.
    let late = Browser::new();
    let (name, value) = before.unwrap();
    late.set_cookie("localhost", &name, &value);
    let cookie = browser.cookies("localhost")[&data_cookie(&world)].clone();
    late.set_cookie("localhost", &data_cookie(&world), &cookie);
    assert_eq!(data(&world, &late).await, "of Ada");
}

#[actix_web::test]
async fn w2_data_end_with_their_session_however_it_ends() {
    for end in ["sign out", "everywhere", "handle", "user", "all"] {
        let world = World::start();
        let browser = world.signed_in(ADA).await;
        let other = world.signed_in(ROBIN).await;
        put(&world, &other, "of Robin").await;
        let before = records(&world);
        put(&world, &browser, "of Ada").await;
        assert_eq!(records(&world), before + 2, "a record, counted in a set");
        let cookies = browser.cookies("localhost");
        let (auth, app) = (&world.app.auth, &world.app);
        match end {
            "sign out" => drop(browser.post(&app.url("/auth/sign_out"), "").await),
            "everywhere" => {
                let url = app.url("/auth/sign_out?scope=everywhere");
                browser.post(&url, "").await;
            }
            "handle" => {
                let said = world.me(&browser).await;
                let handle = said["handle"].as_str().unwrap();
                auth.sessions().end_by_handle(handle).await.unwrap();
            }
            "user" => {
                let key = world.key_of(ADA);
                auth.sessions().end_all_of(&key).await.unwrap();
            }
            _ => auth.sessions().end_all().await.unwrap(),
        }
        for (name, value) in &cookies {
            browser.set_cookie("localhost", name, value);
        }
        assert_eq!(data(&world, &browser).await, "", "{end}");
        // The record itself is gone too, not only out of reach.
        let name = &auth.config().cookies.session;
        let id = SessionId::parse(cookies[name].as_bytes()).unwrap();
        let ended = auth.engine().sessions().load(&id).await.unwrap();
        assert!(ended.is_none());
        let key = data_key(&world, &id);
        let store = auth.engine().sessions().store();
        assert!(store.get(&key).await.unwrap().is_none(), "{end}");
        if end != "all" {
            assert_eq!(data(&world, &other).await, "of Robin");
        }
    }
}

/// The store's key of a session's application data.
fn data_key(world: &World, id: &SessionId) -> aad_auth::store::Key {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let label = world.app.auth.engine().keys().label();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let digest = encode(id.digest().as_bytes());
    let key = format!("{}:a:{digest}", encode(label.as_bytes()));
    aad_auth::store::Key::new(key).unwrap()
}

#[actix_web::test]
async fn w2_a_request_in_flight_during_a_sign_out_brings_no_data_back() {
    for with_data in [true, false] {
        let world = World::start();
        let browser = world.signed_in(ADA).await;
        if with_data {
            put(&world, &browser, "before").await;
        }
        let (_, value) = browser.session_cookie().unwrap();
        let key = data_key(&world, &SessionId::parse(value.as_bytes()).unwrap());
        let page = browser.post(&world.app.url("/data/late"), "").await;
        assert_eq!(page.status, 204);
        let store = world.app.auth.engine().sessions().store();
        assert!(store.get(&key).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn w3_20000_posts_by_one_user_leave_one_record_and_others_sign_in() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    let session = browser.session_cookie().unwrap();
    let before = records(&world);
    let bytes = || {
        let store = world.app.auth.engine().sessions().store();
        store.stats().bytes.unwrap()
    };
    put(&world, &browser, &"x".repeat(1000)).await;
    let held = bytes();
    for _ in 0..200 {
        let posts = (0..100).map(|_| async {
            // The data cookie is not sent back.
            let forgetful = Browser::new();
            forgetful.set_cookie("localhost", &session.0, &session.1);
            put(&world, &forgetful, &"x".repeat(1000)).await.status
        });
        let statuses = futures_util::future::join_all(posts).await;
        assert!(
            statuses
                .iter()
                .all(|status| *status == 204 || *status == 503)
        );
    }
    assert_eq!(records(&world), before + 2);
    assert!(bytes() <= held + 1000, "{} bytes, then {}", held, bytes());
    let begun = Instant::now();
    let robin = world.signed_in(ROBIN).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(world.lives(&robin).await && world.lives(&browser).await);
}

#[actix_web::test]
async fn w3_one_users_sessions_hold_a_bounded_number_of_data() {
    let world = World::start();
    let other = world.signed_in(ROBIN).await;
    put(&world, &other, "of Robin").await;
    let mut browsers = Vec::new();
    for number in 0..MAX_APP_DATA_PER_USER + 3 {
        let browser = world.signed_in(ADA).await;
        put(&world, &browser, &number.to_string()).await;
        browsers.push(browser);
    }
    let mut held = Vec::new();
    for browser in &browsers {
        held.push(data(&world, browser).await);
    }
    let kept = held.iter().filter(|value| !value.is_empty()).count();
    assert_eq!(kept, MAX_APP_DATA_PER_USER);
    let newest = MAX_APP_DATA_PER_USER + 2;
    assert_eq!(held[newest], newest.to_string(), "the newest keeps its own");
    assert_eq!(data(&world, &other).await, "of Robin");
    // Data that have ended already make room first.
    for browser in &browsers[newest - 4..newest] {
        browser.post(&world.app.url("/auth/sign_out"), "").await;
    }
    put(&world, &browsers[0], "again").await;
    assert_eq!(
        data(&world, &browsers[newest - 5]).await,
        (newest - 5).to_string()
    );
    assert_eq!(data(&world, &browsers[0]).await, "again");
}

#[actix_web::test]
async fn w3_data_that_are_too_large_are_refused_and_change_nothing() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    put(&world, &browser, "small").await;
    let page = put(&world, &browser, &"x".repeat(MAX_APP_DATA)).await;
    assert_eq!(page.status, 500);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(data(&world, &browser).await, "small");
    let fits = "x".repeat(MAX_APP_DATA - 100);
    assert_eq!(put(&world, &browser, &fits).await.status, 204);
    assert_eq!(data(&world, &browser).await, fits);
}

#[actix_web::test]
async fn a_change_that_cannot_be_kept_is_answered_503_and_reading_goes_on_empty() {
    let (world, store) = World::on_faulty_store();
    let browser = world.signed_in(ADA).await;
    assert_eq!(put(&world, &browser, "before").await.status, 204);
    store.plan(Operation::Update, AWAY, 1);
    let page = put(&world, &browser, "lost").await;
    assert_eq!(page.status, 503);
    assert_eq!(page.header("retry-after"), Some("5"));
    store.plan(Operation::Get, AWAY, 1);
    assert_eq!(data(&world, &browser).await, "");
    assert_eq!(data(&world, &browser).await, "before");
}

#[actix_web::test]
async fn w2_a_change_after_a_read_that_failed_replaces_nothing() {
    let (world, store) = World::on_faulty_store();
    let visitor = Browser::new();
    for browser in [&world.signed_in(ADA).await, &visitor] {
        assert_eq!(put(&world, browser, "before").await.status, 204);
        store.plan(Operation::Get, AWAY, 1);
        assert_eq!(put(&world, browser, "lost").await.status, 503);
        assert_eq!(store.pending(Operation::Get), 0);
        assert_eq!(data(&world, browser).await, "before");
    }
}

#[actix_web::test]
async fn data_live_as_long_as_the_session_and_survive_a_rotation_of_the_secret() {
    let secrets = ["QUJD".repeat(22), "REVG".repeat(22)];
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file:{}", folder.path().join("p/s.redb").display());
    let start = |secret: String| {
        crate::support::App::start(&emulator, |source| {
            source
                .with("AAD_SESSION_STORE", file.clone())
                .with("AAD_SESSION_SECRET", secret)
                .with("AAD_COOKIE_NAME", "kept")
        })
    };
    emulator.control().auto_sign_in(Some(ADA));
    let first = start(secrets[0].clone());
    let browser = Browser::new();
    browser.open(&first.url("/app/x")).await;
    browser.post(&first.url("/data/put"), "kept").await;
    first.auth.close().await;
    let port = first.port;
    drop(first);
    let second = start(format!("{},{}", secrets[1], secrets[0]));
    second.auth.store_opened().await.unwrap();
    // On loopback the port is part of the names.
    for (name, value) in browser.cookies("localhost") {
        let name = name.replace(&port.to_string(), &second.port.to_string());
        browser.set_cookie("localhost", &name, &value);
    }
    assert_eq!(browser.get(&second.url("/app/x")).await.status, 200);
    assert_eq!(browser.get(&second.url("/data/get")).await.body, "kept");
}
