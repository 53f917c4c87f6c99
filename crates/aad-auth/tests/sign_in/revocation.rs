//! Sign-out everywhere, and the end of sessions by administrators' code.

use entra_emulator::{Emulator, Endpoint, Fault};

use crate::support::{ADA, App, Browser, ROBIN, World};

#[actix_web::test]
async fn a_sign_out_of_this_browser_leaves_the_users_others_alone() {
    let world = World::start();
    let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    for form in ["", "scope=", "scope=here", "everywhere", "scope=EVERYWHERE"] {
        let browser = world.signed_in(ADA).await;
        browser.post(&world.app.url("/auth/sign_out"), form).await;
        assert!(browser.session_cookie().is_none());
        assert!(
            world.lives(&here).await && world.lives(&there).await,
            "{form}"
        );
    }
}

#[actix_web::test]
async fn a_sign_out_everywhere_ends_the_users_sessions_in_all_browsers_and_nobody_elses() {
    for (query, form) in [
        ("?scope=everywhere&return_to=%2F", ""),
        ("", "scope=everywhere"),
    ] {
        let world = World::start();
        let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        let robin = world.signed_in(ROBIN).await;
        let url = world.app.url(&format!("/auth/sign_out{query}"));
        let answer = here.post(&url, form).await;
        assert!(answer.leads_on());
        assert!(answer.location().path().ends_with("/logout"));
        assert!(!world.lives(&here).await && !world.lives(&there).await);
        assert!(world.lives(&robin).await);
    }
}

#[actix_web::test]
async fn the_page_that_asks_offers_both() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let url = world.app.url("/auth/sign_out?return_to=%2Fapp%2Fx");
    let page = ada.get(&url).await;
    let mut targets = page.body.match_indices("action=\"").map(|(at, _)| {
        let rest = &page.body[at + 8..];
        rest.split('"').next().unwrap().replace("&amp;", "&")
    });
    assert_eq!(
        targets.next().unwrap(),
        "/auth/sign_out?return_to=%2Fapp%2Fx"
    );
    let everywhere = targets.next().unwrap();
    assert_eq!(
        everywhere,
        "/auth/sign_out?scope=everywhere&return_to=%2Fapp%2Fx"
    );
    let there = world.signed_in(ADA).await;
    ada.post(&world.app.url(&everywhere), "").await;
    assert!(!world.lives(&there).await);
}

#[actix_web::test]
async fn what_the_back_button_could_show_is_not_kept() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let page = ada.get(&world.app.url("/app/x")).await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let answer = ada.post(&world.app.url("/auth/sign_out"), "").await;
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\""));
    let back = ada.get(&world.app.url("/app/x")).await;
    assert_eq!(back.status, 302, "to sign-in");
}

/// A sign-in that begins in the millisecond of an end of sessions counts as one that was under way.
async fn next_millisecond() {
    actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
}

#[actix_web::test]
async fn an_administrator_ends_one_session_those_of_a_user_or_all_on_the_next_request() {
    let world = World::start();
    let auth = &world.app.auth;
    let (one, two) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    let robin = world.signed_in(ROBIN).await;
    // Nobody has this name: no error, and nothing happens.
    auth.sessions().end_by_handle("nobody").await.unwrap();
    let handle = world.me(&one).await["handle"].as_str().unwrap().to_owned();
    auth.sessions().end_by_handle(&handle).await.unwrap();
    assert!(!world.lives(&one).await && world.lives(&two).await);

    let key = world.key_of(ADA);
    auth.sessions().end_all_of(&key).await.unwrap();
    assert!(!world.lives(&two).await && world.lives(&robin).await);

    next_millisecond().await;
    let ada = world.signed_in(ADA).await;
    auth.sessions().end_all().await.unwrap();
    assert!(!world.lives(&ada).await && !world.lives(&robin).await);
    next_millisecond().await;
    let again = world.signed_in(ROBIN).await;
    assert!(world.lives(&again).await);
}

#[actix_web::test]
async fn a_sign_in_under_way_does_not_outlive_the_end_of_everything() {
    let world = World::start();
    world.users(ADA);
    for of_all in [true, false] {
        let browser = Browser::new();
        let callback = browser.until_callback(&world.app.url("/app/x")).await;
        let key = world.key_of(ADA);
        let sessions = world.app.auth.sessions();
        if of_all {
            sessions.end_all().await.unwrap();
        } else {
            sessions.end_all_of(&key).await.unwrap();
        }
        let page = browser.get(&callback).await;
        assert_eq!(page.status, 400);
        assert!(
            page.body.contains("AAD-FLOW-SESSIONS-ENDED"),
            "{}",
            page.body
        );
        assert!(browser.session_cookie().is_none());
    }
}

/// A world whose provider has a revocation endpoint from the start: metadata is kept for an hour.
fn with_revocation_endpoint(client_auth: &str) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    control.set_switches(|switches| switches.revocation_endpoint = true);
    let app = App::start(&emulator, |source| {
        source.with("AAD_CLIENT_AUTH", client_auth)
    });
    World { emulator, app }
}

/// Waits for a call in the background.
async fn revocations(world: &World) -> usize {
    for _ in 0..500 {
        let calls = world.emulator.control().count_calls(Endpoint::Revocation);
        if calls > 0 {
            return calls;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    0
}

#[actix_web::test]
async fn a_provider_with_a_revocation_endpoint_is_told_of_the_refresh_token() {
    for method in ["client_secret_post", "client_secret_basic"] {
        let world = with_revocation_endpoint(method);
        let ada = world.signed_in(ADA).await;
        ada.post(&world.app.url("/auth/sign_out"), "").await;
        assert_eq!(revocations(&world).await, 1, "{method}");
        let calls = world.emulator.control().calls();
        let mut calls = calls.iter();
        let call = calls
            .find(|call| call.endpoint == Endpoint::Revocation)
            .unwrap();
        let basic = method == "client_secret_basic";
        assert_eq!(call.header("authorization").is_some(), basic);
    }
}

#[actix_web::test]
async fn a_revocation_endpoint_that_hangs_or_refuses_delays_nobody() {
    for fault in [
        Fault::hang(Endpoint::Revocation),
        Fault::status(Endpoint::Revocation, 503),
        Fault::close(Endpoint::Revocation),
    ] {
        let world = with_revocation_endpoint("client_secret_post");
        let ada = world.signed_in(ADA).await;
        world.emulator.control().faults().set(fault);
        let answer = ada.post(&world.app.url("/auth/sign_out"), "").await;
        assert!(answer.leads_on());
        assert!(answer.location().path().ends_with("/logout"));
        assert!(ada.session_cookie().is_none());
    }
}

#[actix_web::test]
async fn a_provider_without_a_revocation_endpoint_is_asked_for_nothing() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    ada.post(&world.app.url("/auth/sign_out"), "").await;
    assert_eq!(
        world.emulator.control().count_calls(Endpoint::Revocation),
        0
    );
}
