//! Several instances of one application: what one of them has begun, any of them may end, once.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    store::{Clock, SystemClock},
    testing::ManualClock,
};
use entra_emulator::{Endpoint, Fault, Mutation};

use crate::{
    redis::RedisServer,
    support::{ADA, Browser, Fleet, NEWER_SECRET, Page, SECRET},
};

fn gives_a_session(page: &Page) -> bool {
    page.all("set-cookie")
        .iter()
        .any(|cookie| cookie.contains("session"))
}

#[actix_web::test]
async fn one_callback_at_two_instances_at_once_redeems_its_code_once() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(2, &server.url());
    fleet.users(ADA);
    let control = fleet.emulator.control();
    for _ in 0..5 {
        let browser = Browser::new();
        let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
        // So that the second one comes while the first one waits for the provider.
        control
            .faults()
            .set(Fault::delay(Endpoint::Token, 300).once());
        let redeemed = control.count_calls(Endpoint::Token);
        let (tab, again) = (browser.clone(), browser.clone());
        let (one, other) = (fleet.at(0, &callback), fleet.at(1, &callback));
        let pages = futures_util::join!(tab.get(&one), again.get(&other));
        let pages = [pages.0, pages.1];
        for page in &pages {
            assert_eq!(page.status, 303, "{page:?}");
            assert_eq!(page.location().path(), "/app/x");
        }
        let sessions = pages.iter().filter(|page| gives_a_session(page)).count();
        assert_eq!(sessions, 1, "the one that redeems gives the session");
        assert_eq!(control.count_calls(Endpoint::Token), redeemed + 1);
        for instance in 0..2 {
            assert_eq!(
                browser.fetch(&fleet.at(instance, "/app/x")).await.status,
                200
            );
        }
    }
}

#[actix_web::test]
async fn a_callback_that_another_instance_has_refused_is_refused_here_without_redeeming() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(2, &server.url());
    fleet.users(ADA);
    let control = fleet.emulator.control();
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
    let wrong = Fault::id_token(Mutation::audience("somebody-else"));
    control.faults().set(wrong.once());
    let first = browser.get(&fleet.at(0, &callback)).await;
    assert!(first.body.contains("AAD-TOKEN-AUD"), "{first:?}");
    let second = browser.get(&fleet.at(1, &callback)).await;
    assert!(second.body.contains("AAD-TOKEN-AUD"), "{second:?}");
    assert_eq!(second.status, first.status);
    assert_eq!(control.count_calls(Endpoint::Token), 1);
    assert!(!gives_a_session(&second));
}

#[actix_web::test]
async fn an_attempt_whose_holder_does_not_answer_ends_in_a_page_and_is_never_redeemed_again() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(2, &server.url());
    fleet.users(ADA);
    let control = fleet.emulator.control();
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
    control
        .faults()
        .set(Fault::delay(Endpoint::Token, 6000).once());
    let (tab, again) = (browser.clone(), browser.clone());
    let (one, other) = (fleet.at(0, &callback), fleet.at(1, &callback));
    let first = tab.get(&one);
    let second = async {
        while control.count_calls(Endpoint::Token) == 0 {
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
        again.get(&other).await
    };
    let (first, second) = futures_util::join!(first, second);
    assert_eq!(second.status, 503);
    assert!(second.body.contains("AAD-FLOW-ELSEWHERE"), "{second:?}");
    assert!(second.header("retry-after").is_some());
    assert!(second.body.contains("/auth/sign_in"), "a way on");
    assert!(gives_a_session(&first));
    // Now it is known.
    browser.forget_cookie("localhost", &browser.session_cookie().unwrap().0);
    let third = browser.get(&other).await;
    assert_eq!(third.status, 303, "{third:?}");
    assert!(!gives_a_session(&third));
    assert_eq!(control.count_calls(Endpoint::Token), 1);
}

#[actix_web::test]
async fn what_is_forged_or_of_another_browser_claims_nothing() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(2, &server.url());
    fleet.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
    // Of another browser, or forged: the store never hears of it.
    let stranger = Browser::new();
    stranger.get(&fleet.at(1, &callback)).await;
    stranger
        .get(&fleet.at(1, "/auth/redirect?state=AAAA&code=x"))
        .await;
    assert_eq!(server.tell("KEYS *:c:*").trim(), "*0");
    let page = browser.get(&fleet.at(1, &callback)).await;
    assert_eq!(page.status, 303);
    assert!(gives_a_session(&page));
    assert_eq!(server.tell("KEYS *:c:*").trim(), "*1");
}

#[actix_web::test]
async fn two_instances_with_a_store_each_are_told_apart_from_a_restart_and_named() {
    let clock = ManualClock::at(SystemClock.now());
    let memory = |source: aad_auth::config::Source| source.with("AAD_SESSION_STORE", "memory");
    let own_clock = |builder: aad_auth::AuthBuilder| builder.clock(Arc::new(clock.clone()));
    let mut fleet = Fleet::with(2, memory, own_clock);
    fleet.users(ADA);
    let browser = Browser::new();
    // An attempt from before the start of the one that ends it: that may be a restart.
    let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
    clock.advance(Duration::from_secs(1));
    fleet.join(memory, own_clock);
    let restarted = browser.get(&fleet.at(2, &callback)).await;
    assert_eq!(restarted.status, 303);
    assert!(!names_the_stores(&fleet, 2).await);

    // Long enough for the count of sign-ins to begin anew, whatever second of a minute it is.
    clock.advance(Duration::from_secs(180));
    let mut last = restarted;
    for _ in 0..6 {
        browser.forget_cookie(
            "localhost",
            &browser.session_cookie().map_or_else(String::new, |c| c.0),
        );
        clock.advance(Duration::from_secs(1));
        let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
        last = browser.get(&fleet.at(1, &callback)).await;
        // The session is the second one's: the first one knows nobody.
        assert_eq!(browser.fetch(&fleet.at(0, "/app/x")).await.status, 401);
    }
    assert!(names_the_stores(&fleet, 1).await);
    assert!(
        !names_the_stores(&fleet, 0).await,
        "it has seen nothing of it"
    );
    assert!(last.body.contains("AAD-FLOW-STORES"), "{last:?}");
    assert!(
        last.body.contains("each has a session store of its own"),
        "{last:?}"
    );
}

async fn names_the_stores(fleet: &Fleet, number: usize) -> bool {
    let status = fleet.apps[number].auth.status().await;
    assert!(status.ready);
    let named = |sentence: &String| sentence.contains("AAD_SESSION_STORE=redis://");
    status.degraded.iter().any(named)
}

#[actix_web::test]
async fn an_instance_with_another_secret_is_named_instead_of_a_loop() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let mut fleet = Fleet::start(1, &server.url());
    let other = |source: aad_auth::config::Source| {
        source
            .with("AAD_SESSION_STORE", server.url())
            .with("AAD_SESSION_SECRET", NEWER_SECRET)
    };
    // The first one has published its key when it knows the provider: both come at the start.
    await_members(&server, 1).await;
    fleet.join(other, |builder| builder);
    await_members(&server, 2).await;
    for _ in 0..100 {
        let status = fleet.apps[1].auth.status().await;
        if status
            .degraded
            .iter()
            .any(|d| d.contains("AAD_SESSION_SECRET"))
        {
            assert!(status.ready, "those who are signed in are served");
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never noticed");
}

/// Until so many instances have published their keys.
async fn await_members(server: &RedisServer, wanted: usize) {
    let expected = format!(":{wanted}");
    for _ in 0..200 {
        let sets = server.lines("KEYS *:k:*");
        if let Some(set) = sets.last().filter(|line| !line.starts_with('*'))
            && server.tell(&format!("HLEN {set}")).trim() == expected
        {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was published");
}

#[actix_web::test]
async fn a_rotation_in_three_roll_outs_keeps_every_session_and_leaves_no_instance_behind() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let store = server.url();
    let with = |secrets: String| {
        let store = store.clone();
        move |source: aad_auth::config::Source| {
            source
                .with("AAD_SESSION_STORE", store)
                .with("AAD_SESSION_SECRET", secrets)
        }
    };
    let mut fleet = Fleet::start(1, &store);
    fleet.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(0, "/app/x")).await;
    browser.get(&fleet.at(0, &callback)).await;
    for secrets in [
        format!("{SECRET},{NEWER_SECRET}"),
        format!("{NEWER_SECRET},{SECRET}"),
        NEWER_SECRET.to_owned(),
    ] {
        fleet.join(with(secrets), |builder| builder);
    }
    for (number, expected) in [(0, 200), (1, 200), (2, 200), (3, 401)] {
        let page = browser.fetch(&fleet.at(number, "/app/x")).await;
        assert_eq!(page.status, expected, "instance {number}");
    }
    // An attempt too may begin before a roll-out and end after it.
    let newcomer = Browser::new();
    let callback = newcomer.until_callback(&fleet.at(1, "/app/x")).await;
    assert_eq!(newcomer.get(&fleet.at(2, &callback)).await.status, 303);
    assert_eq!(newcomer.fetch(&fleet.at(1, "/app/x")).await.status, 200);
    assert_eq!(newcomer.fetch(&fleet.at(3, "/app/x")).await.status, 200);
}
