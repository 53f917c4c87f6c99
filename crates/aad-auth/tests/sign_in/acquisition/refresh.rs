//! Refreshing: once, early, in the background, and without losing what one has.

use aad_auth::internals::{AuthInternals, secret::ExposeSecret};
use entra_emulator::{Endpoint, Fault, KeyRoll};
use futures_util::future::join_all;

use super::support::{LIFE, Timed, until};

const GREETING: &str = "Ada Admin for Ada Admin";

#[actix_web::test]
async fn e11_twenty_requests_with_an_expired_token_make_one_refresh() {
    let timed = Timed::start();
    let control = timed.world.emulator.control();
    // A second use of a refresh token would revoke everything.
    control.set_switches(|switches| switches.strict_refresh = true);
    let browser = timed.sign_in().await;
    for round in 1..=3 {
        timed.pass(LIFE + 60);
        let url = timed.url("/app/graph");
        let pages = join_all((0..20).map(|_| browser.fetch(&url))).await;
        for page in pages {
            assert_eq!((page.status.as_u16(), page.body.as_str()), (200, GREETING));
        }
        assert_eq!(timed.refreshes(), round);
    }
    assert_eq!(control.counters().reused_refresh_tokens, 0);
}

#[actix_web::test]
async fn a_token_about_to_run_out_is_refreshed_while_the_old_one_serves() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    timed.pass(LIFE / 2);
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.body, GREETING);
    assert_eq!(timed.refreshes(), 0, "there was no need yet");
    timed.pass(LIFE / 2 - 120);
    // The refresh hangs, and nobody waits for it.
    timed.fault(Fault::hang(Endpoint::Token).once());
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.body, GREETING);
    let old = timed.vaulted(&browser).await.tokens.expires_at;
    timed.pass(2);
    timed.mend();
    until("a refresh", async || {
        timed.pass(1);
        browser.fetch(&timed.url("/app/graph")).await;
        timed.vaulted(&browser).await.tokens.expires_at > old
    })
    .await;
}

#[actix_web::test]
async fn e11_a_browser_that_hangs_up_does_not_lose_the_refreshed_tokens() {
    let timed = Timed::start();
    let control = timed.world.emulator.control();
    control.set_switches(|switches| switches.strict_refresh = true);
    let browser = timed.sign_in().await;
    timed.pass(LIFE + 60);
    timed.fault(Fault::delay(Endpoint::Token, 300).once());
    let asked = timed.token_calls();
    {
        let url = timed.url("/app/graph");
        let mut request = Box::pin(browser.fetch(&url));
        until("the refresh has begun", async || {
            let poll = futures_util::poll!(request.as_mut());
            assert!(poll.is_pending(), "the answer came before the hang-up");
            timed.token_calls() > asked
        })
        .await;
    }
    let page = browser.fetch(&timed.url("/app/graph")).await;
    assert_eq!(page.body, GREETING);
    assert_eq!(timed.refreshes(), 1);
}

#[actix_web::test]
async fn e14_an_answer_without_refresh_token_and_id_token_keeps_the_old_ones() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    let before = timed.vaulted(&browser).await.tokens;
    let before = before.refresh_token.unwrap().expose_secret().to_owned();
    for round in 1..=2 {
        timed.fault(Fault::token_answer_without("refresh_token"));
        timed.fault(Fault::token_answer_without("id_token"));
        timed.fault(Fault::token_answer_without("scope"));
        timed.pass(LIFE + 60);
        assert_eq!(browser.fetch(&timed.url("/app/graph")).await.body, GREETING);
        assert_eq!(timed.refreshes(), round);
    }
    let after = timed.vaulted(&browser).await.tokens;
    assert_eq!(after.refresh_token.unwrap().expose_secret(), before);
    assert!(after.id_token.is_some());
    assert!(after.scopes.iter().any(|scope| scope == "User.Read"));
}

#[actix_web::test]
async fn e16_the_old_token_serves_while_it_is_valid_and_the_session_stays() {
    for fault in [
        Fault::status(Endpoint::Token, 500),
        Fault::throttled(Endpoint::Token, "120"),
        Fault::close(Endpoint::Token),
        Fault::html(Endpoint::Token, 200),
        Fault::token_answer("access_token", ""),
    ] {
        let name = format!("{fault:?}");
        let timed = Timed::start();
        let browser = timed.sign_in().await;
        timed.pass(LIFE - 60);
        timed.fault(fault);
        let asked = timed.token_calls();
        for _ in 0..5 {
            let page = browser.fetch(&timed.url("/app/graph")).await;
            assert_eq!(page.body, GREETING, "{name}");
        }
        until("the refresh was tried", async || {
            timed.token_calls() > asked
        })
        .await;
        // It has run out: now the failure shows, as what it is.
        timed.pass(120);
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert!(
            [502, 503].contains(&page.status.as_u16()),
            "{name}: {page:?}"
        );
        assert_eq!(
            browser.fetch(&timed.url("/app/x")).await.status,
            200,
            "{name}"
        );
        timed.mend();
        timed.pass(600);
        assert_eq!(
            browser.fetch(&timed.url("/app/graph")).await.body,
            GREETING,
            "{name}"
        );
    }
}

#[actix_web::test]
async fn e16_a_provider_in_trouble_is_not_asked_at_each_request() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    timed.pass(LIFE + 60);
    timed.fault(Fault::throttled(Endpoint::Token, "90"));
    let asked = timed.token_calls();
    for _ in 0..10 {
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 503);
        assert_eq!(page.header("retry-after"), Some("90"));
    }
    assert_eq!(timed.token_calls(), asked + 1);
    timed.pass(91);
    timed.mend();
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.body, GREETING);
}

#[actix_web::test]
async fn e11_an_id_token_that_nobody_can_verify_now_does_not_lose_the_rotated_tokens() {
    let timed = Timed::start();
    let control = timed.world.emulator.control();
    control.set_switches(|switches| switches.strict_refresh = true);
    let browser = timed.sign_in().await;
    let before = timed.vaulted(&browser).await.tokens;
    // The provider signs with a new key, and its keys cannot be had.
    control.rotate_keys(KeyRoll::PublishAndSign).unwrap();
    timed.pass(LIFE + 60);
    timed.fault(Fault::status(Endpoint::Keys, 500));
    // Not by the browser, which has less patience than the search for the key.
    let session = timed.session(&browser).await.unwrap();
    let acquirer = timed.world.app.auth.acquirer();
    let asked = control.count_calls(Endpoint::Keys);
    let renewed = acquirer.tokens(&session);
    let time = async {
        until("the keys are asked for", async || {
            control.count_calls(Endpoint::Keys) > asked
        })
        .await;
        // Until they may be asked for once more.
        timed.pass(6);
    };
    let (renewed, ()) = futures_util::join!(renewed, time);
    let after = renewed.unwrap().tokens.clone();
    let text = |token: Option<aad_auth::internals::secret::Secret>| {
        token.unwrap().expose_secret().to_owned()
    };
    assert_ne!(text(after.refresh_token), text(before.refresh_token));
    assert_eq!(text(after.id_token), text(before.id_token), "unverified");
    timed.mend();
    timed.pass(LIFE + 60);
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.body, GREETING);
    assert_eq!(control.counters().reused_refresh_tokens, 0);
}

#[actix_web::test]
async fn tokens_that_another_writer_has_left_count_more_than_the_end_of_those_before() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    let session = timed.session(&browser).await.unwrap();
    let held = timed.vaulted(&browser).await;
    timed.pass(LIFE + 60);
    // This refresh is refused, after another writer was faster.
    let control = timed.world.emulator.control();
    control.revoke_sessions(crate::support::ADA).unwrap();
    timed.fault(Fault::delay(Endpoint::Token, 500).once());
    let asked = timed.token_calls();
    let request = async { browser.fetch(&timed.url("/app/graph")).await };
    let other = async {
        until("the refresh has begun", async || {
            timed.token_calls() > asked
        })
        .await;
        let mut tokens = held.tokens.clone();
        tokens.expires_at = tokens.expires_at + std::time::Duration::from_secs(2 * LIFE);
        let sessions = timed.world.app.auth.engine().sessions();
        assert!(
            sessions
                .vault()
                .replace(&session, &held, &tokens)
                .await
                .unwrap()
        );
    };
    futures_util::join!(request, other);
    assert!(timed.session(&browser).await.is_some(), "it lives");
}
