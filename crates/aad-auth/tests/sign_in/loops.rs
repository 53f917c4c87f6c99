//! Sign-ins that follow each other without end (abuse C14).

use std::{sync::Arc, time::Duration};

use aad_auth::{
    store::{Clock, SystemClock},
    testing::ManualClock,
};
use entra_emulator::{Emulator, Endpoint, Fault, Mutation};

use crate::support::{ADA, App, Browser, World};

fn world(clock: &ManualClock) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let handed = Arc::new(clock.clone());
    let app = App::start_at(emulator.url().as_str(), |s| s, |b| b.clock(handed));
    let world = World { emulator, app };
    world.users(ADA);
    world
}

fn token_calls(world: &World) -> usize {
    world.emulator.control().count_calls(Endpoint::Token)
}

/// A browser that forgets its session, as one does that refuses the cookie.
fn forget_session(browser: &Browser) {
    let (name, _) = browser.session_cookie().expect("a session");
    browser.forget_cookie("localhost", &name);
}

#[actix_web::test]
async fn the_fifth_sign_in_within_two_minutes_of_a_browser_that_loses_its_session_is_a_page() {
    let clock = ManualClock::at(SystemClock.now());
    let (world, browser) = (world(&clock), Browser::new());
    for _ in 0..4 {
        assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
        forget_session(&browser);
        clock.advance(Duration::from_secs(1));
    }
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 429, "{}", page.body);
    assert!(page.body.contains("AAD-FLOW-LOOP"), "{}", page.body);
    assert!(page.header("retry-after").is_some());
    assert!(browser.session_cookie().is_none());
    assert_eq!(token_calls(&world), 4, "the fifth code is not redeemed");
    // A person who waits gets in again.
    clock.advance(Duration::from_secs(150));
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn a_browser_that_keeps_its_session_may_sign_in_as_often_as_it_likes() {
    let clock = ManualClock::at(SystemClock.now());
    let (world, browser) = (world(&clock), Browser::new());
    for n in 1..=8 {
        let start = "/auth/sign_in?prompt=select_account&return_to=%2Fapp%2Fx";
        let page = browser.open(&world.app.url(start)).await;
        assert_eq!(page.status, 200, "{n}: {}", page.body);
        assert_eq!(token_calls(&world), n);
        clock.advance(Duration::from_secs(1));
    }
}

#[actix_web::test]
async fn a_refused_token_is_a_page_and_starts_nothing_by_itself() {
    let clock = ManualClock::at(SystemClock.now());
    let (world, browser) = (world(&clock), Browser::new());
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(Mutation::flipped_signature()));
    for n in 1..=6 {
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 400, "{n}");
        assert!(page.header("refresh").is_none() && !page.body.contains("http-equiv"));
        assert_eq!(
            token_calls(&world),
            n,
            "one try for each time somebody asks"
        );
    }
}
