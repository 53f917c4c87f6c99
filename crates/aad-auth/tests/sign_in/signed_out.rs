//! The page at the end of a sign-out claims nothing that is not so (abuse W30, W31).

use std::{sync::Arc, time::Duration};

use aad_auth::{
    clock::{Clock, ManualClock, SystemClock},
    testing::Operation,
};
use awc::http::Method;

use crate::support::{ADA, AWAY, Browser, Fleet, Page, World};

/// Signs the browser out here, and returns the `state` that the provider leads back with.
async fn state_of_sign_out(browser: &Browser, url: &str) -> String {
    let answer = browser.post(url, "").await;
    assert!(answer.leads_on(), "{answer:?}");
    answer.parameter("state").unwrap()
}

fn back(world: &World, state: &str) -> String {
    world.app.url(&format!("/auth/post_sign_out?state={state}"))
}

fn claims_an_end(page: &Page) -> bool {
    let claims = [
        "You are signed out",
        "has ended",
        "were not ended",
        "/app/x",
    ];
    claims.iter().any(|claim| page.body.contains(claim))
}

fn assert_still_signed_in(page: &Page) {
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("You are still signed in"), "{page:?}");
    assert!(!claims_an_end(page), "{page:?}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

fn assert_says_nothing(page: &Page, case: &str) {
    assert_eq!(page.status, 200, "{case}: {page:?}");
    assert!(page.body.contains("You are not signed in"), "{case}");
    assert!(!claims_an_end(page), "{case}: {page:?}");
}

#[actix_web::test]
async fn w30_a_signed_in_user_is_never_told_that_they_are_signed_out() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    let sign_out = world.app.url("/auth/sign_out?return_to=%2Fapp%2Fx");
    let state = state_of_sign_out(&browser, &sign_out).await;
    // Signed in again, then Back, a bookmark, or anybody's link.
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
    let cross_site = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    for url in [
        back(&world, &state),
        back(&world, "nonsense"),
        world.app.url("/auth/post_sign_out"),
    ] {
        assert_still_signed_in(&browser.get(&url).await);
        let linked = browser.send(Method::GET, &url, &cross_site, None).await;
        assert_still_signed_in(&linked);
    }
    assert!(world.lives(&browser).await, "looking ends nothing");
}

#[actix_web::test]
async fn w30_the_form_on_that_page_signs_out_and_only_from_our_own_page() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    let page = browser.get(&world.app.url("/auth/post_sign_out")).await;
    let (action, body) = page.form();
    assert_eq!(action, world.app.url("/auth/sign_out"));
    // With no-referrer the Origin of the form would be null.
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(browser.post_across(&action, &body).await.status, 403);
    assert!(world.lives(&browser).await);
    let state = browser.post(&action, &body).await.parameter("state");
    let page = browser.get(&back(&world, &state.unwrap())).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
    assert!(!world.lives(&browser).await);
}

#[actix_web::test]
async fn w31_a_state_that_is_expired_or_foreign_says_nothing() {
    let clock = ManualClock::at(SystemClock.now());
    let handed = Arc::new(clock.clone());
    let world = {
        let emulator = entra_emulator::Emulator::builder().start().unwrap();
        let build = |builder: aad_auth::AuthBuilder| builder.clock(handed);
        let app = crate::support::App::start_at(emulator.url().as_str(), |s| s, build);
        World { emulator, app }
    };
    let browser = world.signed_in(ADA).await;
    let sign_out = world.app.url("/auth/sign_out?return_to=%2Fapp%2Fx");
    let state = state_of_sign_out(&browser, &sign_out).await;
    let page = browser.get(&back(&world, &state)).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
    assert!(page.body.contains("/app/x"), "{page:?}");

    let sign_in = Browser::new().get(&world.app.url("/auth/sign_in")).await;
    let (first, rest) = state.split_at(1);
    let flipped = if first == "A" { "B" } else { "A" };
    let elsewhere = World::start();
    let theirs = Browser::new();
    let url = elsewhere.app.url("/auth/sign_out?return_to=%2Fapp%2Fx");
    let foreign = state_of_sign_out(&theirs, &url).await;
    for (case, state) in [
        ("none", String::new()),
        ("nonsense", "x".to_owned()),
        ("too long", "A".repeat(5000)),
        ("changed", format!("{flipped}{rest}")),
        ("cut", state[..state.len() - 4].to_owned()),
        ("of a sign-in", sign_in.parameter("state").unwrap()),
        ("of another application", foreign),
    ] {
        assert_says_nothing(&browser.get(&back(&world, &state)).await, case);
    }
    // In another browser, whether it has been here or not.
    assert_says_nothing(&Browser::new().get(&back(&world, &state)).await, "stranger");
    let other = Browser::new();
    other.get(&world.app.url("/auth/sign_in")).await;
    assert_says_nothing(&other.get(&back(&world, &state)).await, "other browser");
    // In its own, for ten minutes.
    clock.advance(Duration::from_secs(599));
    assert!(claims_an_end(&browser.get(&back(&world, &state)).await));
    clock.advance(Duration::from_secs(1));
    assert_says_nothing(&browser.get(&back(&world, &state)).await, "expired");
}

#[actix_web::test]
async fn w31_another_instance_of_the_application_tells_the_same() {
    let fleet = Fleet::start(2, "memory");
    let browser = Browser::new();
    let state = state_of_sign_out(&browser, &fleet.at(0, "/auth/sign_out")).await;
    let url = format!("/auth/post_sign_out?state={state}");
    let page = browser.get(&fleet.at(1, &url)).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
}

#[actix_web::test]
async fn w30_a_page_asked_for_in_advance_is_not_kept_for_later() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    for header in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let headers = [("accept", "text/html"), header];
        let url = world.app.url("/auth/post_sign_out");
        let page = browser.send(Method::GET, &url, &headers, None).await;
        assert_eq!(page.status, 204, "{header:?}: {page:?}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}

#[actix_web::test]
async fn w30_without_the_store_nothing_is_claimed() {
    let (world, store) = World::on_faulty_store();
    let browser = world.signed_in(ADA).await;
    // Not in the cache of decoded sessions: what the store does not say is not known.
    let (name, _) = browser.session_cookie().unwrap();
    let id = aad_auth::session::SessionId::new(&aad_auth::random::SystemRandom);
    browser.set_cookie("localhost", &name, &id.to_cookie());
    store.plan(Operation::Get, AWAY, 1);
    let page = browser.get(&world.app.url("/auth/post_sign_out")).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(!claims_an_end(&page), "{page:?}");
}
