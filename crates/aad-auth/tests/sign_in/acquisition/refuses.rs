//! Refreshes that bring nothing: another identity, a grant that is gone, a provider that wants to
//! see the user.

use aad_auth::internals::{AuthInternals, secret::ExposeSecret};
use entra_emulator::{AnswerBody, Endpoint, Fault, Mutation};

use crate::support::Browser;

use super::support::{LIFE, Timed};
use crate::support::{ADA, CLIENT, CLIENT_SECRET, TENANT};

#[actix_web::test]
async fn e13_an_id_token_of_another_identity_is_refused_and_changes_nobody() {
    let timed = Timed::start();
    for mutation in [
        Mutation::identity("sub", "another-subject"),
        Mutation::identity("oid", "aaaaaaaa-0000-4000-8000-000000000002"),
        Mutation::identity("tid", "22220000-aaaa-4bbb-8ccc-000000000001"),
        Mutation::issuer("https://evil.test/"),
        Mutation::audience("another-client"),
        Mutation::flipped_signature(),
        Mutation::alg_none(),
        Mutation::expired(),
        Mutation::nonce("of-somebody-else"),
    ] {
        let name = format!("{mutation:?}");
        let browser = timed.sign_in().await;
        let me = browser.fetch(&timed.url("/api/me")).await.body;
        let before = timed.vaulted(&browser).await;
        timed.pass(LIFE + 60);
        timed.fault(Fault::id_token(mutation));
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 502, "{name}: {page:?}");
        assert!(page.body.contains("AAD-DOWNSTREAM"), "{name}");
        assert_eq!(
            browser.fetch(&timed.url("/api/me")).await.body,
            me,
            "{name}"
        );
        let after = timed.vaulted(&browser).await;
        assert!(before.version == after.version, "{name}: it was kept");
    }
}

#[actix_web::test]
async fn e12_a_rotated_token_that_was_lost_means_signing_in_again_without_a_loop() {
    let timed = Timed::start();
    let control = timed.world.emulator.control();
    control.set_switches(|switches| switches.strict_refresh = true);
    let browser = timed.sign_in().await;
    // As if the process had died between the provider's answer and the store.
    let tokens = timed.vaulted(&browser).await.tokens;
    let refresh_token = tokens.refresh_token.unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("client_secret", CLIENT_SECRET),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    let endpoint = format!("{}{TENANT}/oauth2/v2.0/token", timed.world.emulator.url());
    let lost = awc::Client::default().post(endpoint).send_form(&form).await;
    assert_eq!(lost.unwrap().status(), 200);
    timed.pass(LIFE + 60);
    let old = browser.session_cookie();
    let page = browser.open(&timed.url("/app/graph")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/app/graph"));
    assert_eq!(page.body, "Ada Admin for Ada Admin");
    assert_ne!(browser.session_cookie(), old);
}

#[actix_web::test]
async fn e15_a_grant_that_is_gone_ends_the_session_with_its_tokens() {
    let timed = Timed::start();
    let browser = timed.sign_in().await;
    let session = timed.session(&browser).await.unwrap();
    timed.world.emulator.control().revoke_sessions(ADA).unwrap();
    timed.pass(LIFE + 60);
    let page = browser.fetch(&timed.url("/app/graph")).await;
    assert_eq!(page.status, 401);
    let problem: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(problem["reason"], "expired");
    assert!(problem["login_url"].is_string());
    assert!(timed.session(&browser).await.is_none());
    let vault = timed.world.app.auth.engine().sessions().vault();
    assert!(
        vault.get(&session).await.unwrap().is_none(),
        "tokens stayed"
    );
    assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 401);
    // A person is led through the sign-in and back.
    let page = browser.open(&timed.url("/app/graph")).await;
    assert_eq!(page.body, "Ada Admin for Ada Admin");
}

#[actix_web::test]
async fn e15_a_provider_that_wants_to_see_the_user_gets_to_and_its_challenge_is_kept() {
    let timed = Timed::start();
    for (error, reason) in [
        (r#""interaction_required""#, "step_up_required"),
        (
            r#""invalid_grant","suberror":"basic_action""#,
            "step_up_required",
        ),
        (
            r#""invalid_grant","suberror":"consent_required""#,
            "consent_required",
        ),
    ] {
        let browser = timed.sign_in().await;
        timed.pass(LIFE + 60);
        let body = format!(r#"{{"error":{error},"claims":"{{\"access_token\":{{}}}}"}}"#);
        let answer = Fault::answer(
            Endpoint::Token,
            400,
            "application/json",
            AnswerBody::Text(body),
        );
        timed.fault(answer);
        let page = browser.fetch(&timed.url("/app/graph")).await;
        assert_eq!(page.status, 401);
        let problem: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(problem["reason"], reason);
        // For everything that needs no token the session is as good as before.
        let session = timed.session(&browser).await.unwrap();
        let acquirer = timed.world.app.auth.acquirer();
        let error = acquirer.tokens(&session).await.err().unwrap();
        assert_eq!(error.claims(), Some(r#"{"access_token":{}}"#));
        let page = browser.get(&timed.url("/app/graph")).await;
        assert!(page.location().path().ends_with("/auth/sign_in"));
    }
}

#[actix_web::test]
async fn a_sign_in_that_does_not_help_is_a_page_and_no_loop() {
    let timed = Timed::with(|source| {
        source
            .with("AAD_SCOPES", "openid profile")
            .with("AAD_RECHECK", "24h")
    });
    // Tokens that have run out when they arrive: the page asks for a sign-in each time.
    timed.tokens_live(0);
    let (browser, url) = (Browser::new(), timed.url("/app/graph"));
    for sign_ins in 1..=2 {
        let callback = browser.until_callback(&url).await;
        assert_eq!(browser.get(&callback).await.status, 303);
        assert_eq!(timed.token_calls(), sign_ins);
        timed.pass(1);
    }
    // The second one was for the page, and it did not help.
    let page = browser.get(&url).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.body.contains("AAD-DOWNSTREAM-AGAIN"), "{page:?}");
    let script = browser.fetch(&url).await;
    assert_eq!(script.status, 403);
    assert!(!script.body.contains("login_url"), "{script:?}");
    // Later it is worth another try.
    timed.pass(180);
    let page = browser.get(&timed.url("/app/graph")).await;
    assert!(page.location().path().ends_with("/auth/sign_in"));
}

#[actix_web::test]
async fn a_session_without_refresh_token_signs_in_again_when_its_token_has_run_out() {
    let timed = Timed::with(|source| {
        source
            .with("AAD_SCOPES", "openid profile")
            .with("AAD_RECHECK", "24h")
    });
    let browser = timed.sign_in().await;
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.status, 200);
    timed.pass(LIFE + 60);
    assert_eq!(browser.fetch(&timed.url("/app/graph")).await.status, 401);
    assert_eq!(browser.fetch(&timed.url("/app/x")).await.status, 200);
    let page = browser.open(&timed.url("/app/graph")).await;
    assert_eq!(page.body, "Ada Admin for Ada Admin");
}
