//! What a link asked the provider for (`login_hint`, `domain_hint`) when a sign-in begins again by
//! itself.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    store::{Clock, SystemClock},
    testing::ManualClock,
};
use entra_emulator::Emulator;

use crate::support::{ADA, App, Browser, Page, World};

const DOMAIN: &str = "northwind.example.test";

fn world() -> (World, ManualClock) {
    let clock = ManualClock::at(SystemClock.now());
    let emulator = Emulator::builder().start().unwrap();
    let handed = Arc::new(clock.clone());
    let app = App::start_at(
        emulator.url().as_str(),
        |source| source.with("AAD_DOMAIN_HINTS", DOMAIN),
        |builder| builder.clock(handed),
    );
    let world = World { emulator, app };
    world.users(ADA);
    (world, clock)
}

/// A link with both hints to a page whose address is this long.
fn link(world: &World, length: usize) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", &format!("/app/{}", "x".repeat(length)))
        .append_pair("login_hint", ADA)
        .append_pair("domain_hint", DOMAIN)
        .finish();
    world.app.url(&format!("/auth/sign_in?{query}"))
}

fn hints(page: &Page) -> (Option<String>, Option<String>) {
    assert_eq!(page.status, 302, "{}", page.body);
    (page.parameter("login_hint"), page.parameter("domain_hint"))
}

/// By her user name, not by three letters: sealed texts hold those by chance.
fn names_ada(url: &str) -> bool {
    url.contains(ADA) || url.contains(&ADA.replace('@', "%40"))
}

#[actix_web::test]
async fn another_browser_is_not_told_whose_attempt_it_was() {
    let (world, _clock) = world();
    let first = Browser::new();
    let callback = first.until_callback(&link(&world, 1)).await;
    // Neither one without a cookie, nor one with another.
    let stranger = Browser::new();
    for _ in 0..2 {
        let restart = stranger.get(&callback).await;
        assert!(stranger.binding_cookie().is_some());
        assert_eq!(hints(&restart), (None, Some(DOMAIN.to_owned())));
        assert!(!names_ada(restart.header("location").unwrap()));
    }
}

#[actix_web::test]
async fn an_attempt_that_grew_too_old_asks_its_own_browser_with_the_same_hints() {
    let (world, clock) = world();
    let browser = Browser::new();
    let callback = browser.until_callback(&link(&world, 1)).await;
    assert!(!names_ada(&callback), "{callback}");
    clock.advance(Duration::from_secs(3601));
    let restart = browser.get(&callback).await;
    let both = (Some(ADA.to_owned()), Some(DOMAIN.to_owned()));
    assert_eq!(hints(&restart), both);
    let page = browser.follow(restart).await;
    assert_eq!(page.body, "/app/x for Ada Admin");
}

#[actix_web::test]
async fn hints_beside_a_long_return_address_cost_no_sign_in() {
    let (world, clock) = world();
    let browser = Browser::new();
    let callback = browser.until_callback(&link(&world, 1_000)).await;
    clock.advance(Duration::from_secs(3601));
    let restart = browser.get(&callback).await;
    assert!(restart.parameter("state").unwrap().len() <= 2048);
    let page = browser.follow(restart).await;
    assert!(page.body.ends_with(" for Ada Admin"), "{}", page.body);
}
