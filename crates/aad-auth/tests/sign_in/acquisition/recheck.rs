//! `AAD_RECHECK`: who is disabled at the provider is out within the hour, also while active.

use std::time::Duration;

use aad_auth::store::Clock;
use entra_emulator::{AnswerBody, Endpoint, Fault};
use futures_util::future::join_all;

use super::support::{Timed, until};
use crate::support::{ADA, Browser, CLIENT};

const HOUR: u64 = 3600;

/// One request more than the one that starts the recheck.
async fn is_put_out(timed: &Timed, browser: &Browser) {
    let url = timed.url("/app/x");
    until("the session ends", async || {
        browser.fetch(&url).await.status == 401
    })
    .await;
    assert!(timed.session(browser).await.is_none());
}

/// Waits until a recheck is over: then the next one is far away.
async fn rechecked(timed: &Timed, browser: &Browser) {
    let soon = timed.clock().now() + Duration::from_secs(120);
    until("the recheck is over", async || {
        timed.session(browser).await.unwrap().recheck_at() > soon
    })
    .await;
}

#[actix_web::test]
async fn d9_a_disabled_user_is_out_within_the_hour_while_active() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    timed.world.emulator.control().disable_user(ADA).unwrap();
    for _ in 0..5 {
        timed.pass(HOUR / 6);
        assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
    }
    assert_eq!(timed.token_calls(), 1, "asked before it was time to");
    timed.pass(HOUR / 6);
    is_put_out(&timed, &browser).await;
}

#[actix_web::test]
async fn d9_a_user_whose_sessions_were_revoked_is_out_too() {
    let timed = Timed::with(|source| source.with("AAD_RECHECK", "5m"));
    let browser = timed.sign_in().await;
    timed.world.emulator.control().revoke_sessions(ADA).unwrap();
    timed.pass(300);
    is_put_out(&timed, &browser).await;
}

#[actix_web::test]
async fn d9_a_user_whom_the_provider_wants_to_see_again_has_to_sign_in_again() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    let body = r#"{"error":"interaction_required","suberror":"basic_action"}"#.to_owned();
    timed.fault(Fault::answer(
        Endpoint::Token,
        400,
        "application/json",
        AnswerBody::Text(body),
    ));
    timed.pass(HOUR);
    is_put_out(&timed, &browser).await;
    timed.mend();
    assert_eq!(browser.open(&timed.url("/app/x")).await.status, 200);
}

#[actix_web::test]
async fn twenty_requests_at_the_hour_ask_once() {
    let timed = Timed::with(|source| source);
    timed
        .world
        .emulator
        .control()
        .set_switches(|switches| switches.strict_refresh = true);
    let browser = timed.sign_in().await;
    for round in 1..=3 {
        timed.pass(HOUR);
        let url = timed.url("/app/x");
        let pages = join_all((0..20).map(|_| browser.fetch(&url))).await;
        assert!(pages.iter().all(|page| page.status == 200));
        rechecked(&timed, &browser).await;
        assert_eq!(timed.refreshes(), round);
        // Requests after it find nothing to do.
        for _ in 0..5 {
            assert_eq!(browser.fetch(&url).await.status, 200);
        }
        assert_eq!(timed.refreshes(), round);
    }
}

#[actix_web::test]
async fn a_refresh_for_an_api_counts_as_a_recheck() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    timed.pass(HOUR / 2);
    timed.fault(Fault::status(Endpoint::Graph, 401).once());
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.status, 200);
    assert_eq!(timed.refreshes(), 1);
    timed.pass(HOUR / 2 + 60);
    let asked = timed.token_calls();
    for _ in 0..3 {
        assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
    }
    rechecked(&timed, &browser).await;
    assert_eq!(timed.token_calls(), asked);
}

#[actix_web::test]
async fn a_provider_that_is_away_signs_nobody_out_and_is_asked_again_later() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    timed.fault(Fault::status(Endpoint::Token, 503));
    timed.pass(HOUR);
    let url = timed.url("/app/x");
    let asked = timed.token_calls();
    for _ in 0..10 {
        assert_eq!(browser.fetch(&url).await.status, 200);
    }
    until("the recheck was tried", async || {
        timed.token_calls() > asked
    })
    .await;
    assert_eq!(timed.token_calls(), asked + 1);
    // The provider is back, and says that the user is not.
    timed.mend();
    timed.world.emulator.control().disable_user(ADA).unwrap();
    until("the session ends", async || {
        timed.pass(1);
        browser.fetch(&url).await.status == 401
    })
    .await;
}

#[actix_web::test]
async fn a_session_without_refresh_token_lives_to_its_limits() {
    let timed = Timed::with(|source| source.with("AAD_SCOPES", "openid profile"));
    let browser = timed.sign_in().await;
    timed.world.emulator.control().disable_user(ADA).unwrap();
    for _ in 0..4 {
        timed.pass(HOUR);
        assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
    }
    assert_eq!(timed.token_calls(), 1);
}

#[actix_web::test]
async fn a_role_that_was_taken_away_is_gone_within_the_hour() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    let admin = timed.url("/admin/x");
    assert_eq!(browser.fetch(&admin).await.status, 200);
    let control = timed.world.emulator.control();
    control
        .edit_user(ADA, |user| {
            user.app_role_assignments
                .retain(|role| role.app_id != CLIENT);
        })
        .unwrap();
    timed.pass(HOUR);
    until("the role is gone", async || {
        browser.fetch(&admin).await.status == 403
    })
    .await;
    assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.status, 200);
}

#[actix_web::test]
async fn a_recheck_that_speaks_of_somebody_else_changes_nobody() {
    let timed = Timed::with(|source| source);
    let browser = timed.sign_in().await;
    let me = browser.fetch(&timed.url("/api/me")).await.body;
    timed.fault(Fault::id_token(entra_emulator::Mutation::identity(
        "oid",
        "aaaaaaaa-0000-4000-8000-000000000002",
    )));
    timed.pass(HOUR);
    let asked = timed.token_calls();
    browser.fetch(&timed.url("/app/x")).await;
    until("the recheck was tried", async || {
        timed.token_calls() > asked
    })
    .await;
    for _ in 0..5 {
        assert_eq!(browser.fetch(&timed.url("/api/me")).await.body, me);
    }
}

/// Roles of userinfo are asked for again, and what goes wrong there lets nobody in.
#[actix_web::test]
async fn r93_userinfo_that_fails_at_a_recheck_is_no_news_and_a_refusal_leaves_roles_unknown() {
    // The emulator's ID tokens have `roles`; the other claim could come from userinfo only.
    let timed = Timed::with(|source| {
        let source = source.with("AAD_USERINFO", "true");
        source.with("AAD_ROLES_CLAIM", "roles,staff.roles")
    });
    let browser = timed.sign_in().await;
    let (admin, unbanned) = (timed.url("/admin/x"), timed.url("/apis/unbanned"));
    let statuses = async || {
        let admin = browser.fetch(&admin).await.status.as_u16();
        (admin, browser.fetch(&unbanned).await.status.as_u16())
    };
    let mut had = (200, 200);
    assert_eq!(statuses().await, had);
    let asked = || {
        timed
            .world
            .emulator
            .control()
            .count_calls(Endpoint::UserInfo)
    };
    for (fault, then) in [
        (None, (200, 200)),
        (Some(Fault::status(Endpoint::UserInfo, 503)), (200, 200)),
        (Some(Fault::status(Endpoint::UserInfo, 429)), (200, 200)),
        (Some(Fault::status(Endpoint::UserInfo, 403)), (200, 403)),
        (None, (200, 200)),
        (Some(Fault::body(Endpoint::UserInfo, "no JSON")), (200, 403)),
    ] {
        timed.mend();
        let what = format!("{fault:?}");
        if let Some(fault) = fault {
            timed.fault(fault);
        }
        let before = asked();
        timed.pass(HOUR + 1);
        browser.fetch(&timed.url("/app/x")).await;
        until("userinfo was asked", async || asked() > before).await;
        if then == had {
            rechecked(&timed, &browser).await;
        }
        until(&what, async || statuses().await == then).await;
        had = then;
    }
    timed.mend();
    timed.fault(Fault::body(
        Endpoint::UserInfo,
        "{\"sub\":\"another\",\"roles\":[\"Banned\"]}",
    ));
    let before = asked();
    timed.pass(HOUR + 1);
    browser.fetch(&timed.url("/app/x")).await;
    until("userinfo was asked", async || asked() > before).await;
    assert_eq!(
        statuses().await,
        (200, 403),
        "nothing of the answer is used"
    );
}

/// Without userinfo's answer the ID token of a refresh counts all the same: or a user who keeps their own
/// userinfo from answering would keep what was taken away.
#[actix_web::test]
async fn r93_while_userinfo_is_away_a_role_that_the_id_token_lost_is_gone() {
    for fault in [
        Fault::status(Endpoint::UserInfo, 503),
        Fault::status(Endpoint::UserInfo, 429),
        // Larger than any answer that is read.
        Fault::body(Endpoint::UserInfo, &"x".repeat(3 << 20)),
    ] {
        let timed = Timed::with(|source| source.with("AAD_USERINFO", "true"));
        let browser = timed.sign_in().await;
        let admin = timed.url("/admin/x");
        assert_eq!(browser.fetch(&admin).await.status, 200);
        let control = timed.world.emulator.control();
        control
            .edit_user(ADA, |user| user.app_role_assignments.clear())
            .unwrap();
        timed.fault(fault);
        timed.pass(HOUR + 1);
        browser.fetch(&timed.url("/app/x")).await;
        until("the role is gone", async || {
            browser.fetch(&admin).await.status == 403
        })
        .await;
    }
}
