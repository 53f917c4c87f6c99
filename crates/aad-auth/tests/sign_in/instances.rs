//! Several instances of one application: what one of them has begun, any of them may end, once.

use entra_emulator::{Endpoint, Fault, Mutation};

use crate::{
    redis::RedisServer,
    support::{ADA, Browser, Fleet, Page},
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
            actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
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
