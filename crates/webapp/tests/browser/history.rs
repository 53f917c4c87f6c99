//! Back and Forward over a sign-in, and the address of the callback (abuse C3).

use entra_emulator::{Endpoint, Fault};

use crate::support::{ADA, World, open_browser};

fn token_calls(world: &World) -> usize {
    world.emulator.control().count_calls(Endpoint::Token)
}

#[actix_web::test]
async fn a_deep_link_survives_the_account_picker_and_leaves_neither_code_nor_state_behind() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    browser.open(&world.url("/token_details?from=mail")).await;
    browser.arrive(&world.provider()).await;
    browser.press("Ada Admin").await;
    browser.arrive(&world.url("/token_details?from=mail")).await;
    assert_eq!(world.who(&browser).await, ADA);
    assert_eq!(
        browser.url().await.as_str(),
        world.url("/token_details?from=mail")
    );
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[actix_web::test]
async fn back_and_forward_over_a_sign_in_redeem_nothing_and_sign_nobody_out() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    browser.open(&world.url("/")).await;
    browser.press("Sign in").await;
    browser.arrive(&world.provider()).await;
    browser.press("Ada Admin").await;
    browser.arrive(&world.url("/")).await;
    assert_eq!(world.who(&browser).await, ADA);
    // The provider knows the browser by now and sends it back at once, with another code.
    let visits = || world.emulator.control().count_calls(Endpoint::Authorize);
    let before = visits();
    browser.back().await;
    browser.arrive(&world.url("/")).await;
    assert_eq!(visits(), before + 1);
    browser.forward().await;
    browser.arrive(&world.url("/")).await;
    assert_eq!(world.who(&browser).await, ADA);
    assert!(browser.text().await.contains("You are signed in as"));
    assert_eq!(token_calls(&world), 1);
}

#[actix_web::test]
async fn an_attempt_that_has_signed_in_once_does_not_change_the_account_by_back() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    let sign_in = "/auth/sign_in?prompt=select_account&return_to=/groups";
    browser.open(&world.url(sign_in)).await;
    browser.press("Ada Admin").await;
    browser.arrive(&world.url("/groups")).await;
    browser.back().await;
    browser.arrive(&world.provider()).await;
    // The attempt has ended: what comes back for it goes on with the session that is there.
    browser.press("Robin Reader").await;
    browser.arrive(&world.url("/groups")).await;
    assert_eq!(world.who(&browser).await, ADA);
    assert_eq!(token_calls(&world), 1);
}

#[actix_web::test]
async fn back_on_the_callback_redeems_nothing_and_goes_on_with_the_session() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    // A refused callback stays in the history with its code; a good one never does.
    let broken = Fault::status(Endpoint::Token, 500);
    world.emulator.control().faults().set(broken);
    world.users(Some(ADA));
    browser.open(&world.url("/groups")).await;
    browser.arrive(&world.url("/auth/redirect?")).await;
    world.emulator.control().faults().clear();
    browser.press("Try again").await;
    browser.arrive(&world.url("/groups")).await;
    let calls = token_calls(&world);
    browser.back().await;
    browser.arrive(&world.url("/groups")).await;
    assert_eq!(world.who(&browser).await, ADA);
    assert_eq!(token_calls(&world), calls);
}
