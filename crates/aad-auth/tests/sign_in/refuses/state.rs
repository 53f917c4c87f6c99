//! States that are missing, forged, old, or somebody else's.

use super::refused;
use crate::support::{ADA, App, Browser, World};

fn with_state(callback: &str, state: Option<&str>) -> String {
    let mut url = url::Url::parse(callback).unwrap();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "state")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    url.to_string()
}

fn state_of(callback: &str) -> String {
    let url = url::Url::parse(callback).unwrap();
    let found = url.query_pairs().find(|(name, _)| name == "state");
    found.unwrap().1.into_owned()
}

async fn callback(world: &World, browser: &Browser) -> String {
    world.users(ADA);
    browser.until_callback(&world.app.url("/app/x")).await
}

fn never_redeemed(world: &World) {
    let calls = world.emulator.control().calls();
    assert!(
        calls
            .iter()
            .all(|call| call.endpoint != entra_emulator::Endpoint::Token)
    );
}

#[actix_web::test]
async fn a_missing_state() {
    let (world, browser) = (World::start(), Browser::new());
    let url = with_state(&callback(&world, &browser).await, None);
    refused(&world, &browser, &url, "AAD-FLOW-STATE-MISSING").await;
    never_redeemed(&world);
}

#[actix_web::test]
async fn a_forged_state() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let good = state_of(&url);
    let mut flipped = good.clone();
    flipped.replace_range(200..201, if &good[200..201] == "A" { "B" } else { "A" });
    for state in [
        "",
        "x",
        "../../etc/passwd",
        &good[1..],
        &flipped,
        &"A".repeat(2048),
        &"A".repeat(9000),
    ] {
        refused(
            &world,
            &browser,
            &with_state(&url, Some(state)),
            "AAD-FLOW-STATE",
        )
        .await;
    }
    never_redeemed(&world);
}

#[actix_web::test]
async fn a_state_that_comes_twice() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let twice = format!("{url}&state={}", state_of(&url));
    refused(&world, &browser, &twice, "AAD-FLOW-REPEATED").await;
    never_redeemed(&world);
}

#[actix_web::test]
async fn a_state_of_another_instance() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let other = App::start(&world.emulator, |source| {
        source.with("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000006")
    });
    let foreign = url.replace(&format!(":{}", world.app.port), &format!(":{}", other.port));
    let page = browser.get(&foreign).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("AAD-FLOW-STATE"));
    never_redeemed(&world);
}

#[actix_web::test]
async fn an_attempt_older_than_an_hour_after_its_one_restart() {
    use aad_auth::{
        store::{Clock, SystemClock},
        testing::ManualClock,
    };
    let clock = ManualClock::at(SystemClock.now());
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    let handed = clock.clone();
    let app = App::start_at(
        emulator.url().as_str(),
        |s| s,
        |b| b.clock(std::sync::Arc::new(handed)),
    );
    let world = World { emulator, app };
    world.users(ADA);
    let browser = Browser::new();
    let url = browser.until_callback(&world.app.url("/app/x")).await;
    clock.advance(std::time::Duration::from_secs(3601));
    let restart = browser.get(&url).await;
    assert_eq!(restart.status, 302, "begins again once");
    let provider = browser.get(restart.location().as_str()).await;
    clock.advance(std::time::Duration::from_secs(3601));
    refused(
        &world,
        &browser,
        provider.location().as_str(),
        "AAD-FLOW-EXPIRED",
    )
    .await;
    never_redeemed(&world);
}

#[actix_web::test]
async fn an_attempt_of_another_browser_after_its_restarts() {
    let world = World::start();
    world.users(ADA);
    let (attacker, victim) = (Browser::new(), Browser::new());
    let mut url = attacker.until_callback(&world.app.url("/app/x")).await;
    let name = attacker.binding_cookie().unwrap().0;
    for _ in 0..3 {
        // Each time under another binding cookie: it begins again.
        attacker.forget_cookie("localhost", &name);
        attacker.get(&world.app.url("/auth/sign_in")).await;
        let restart = attacker.get(&url).await;
        assert_eq!(restart.status, 302);
        let provider = attacker.get(restart.location().as_str()).await;
        url = provider.location().to_string();
    }
    victim.get(&world.app.url("/auth/sign_in")).await;
    refused(&world, &victim, &url, "AAD-FLOW-BROWSER").await;
    never_redeemed(&world);
}
