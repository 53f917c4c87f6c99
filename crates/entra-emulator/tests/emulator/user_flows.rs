//! User flows of a B2C tenant.

use entra_emulator::Emulator;

use crate::other_authorities::{LITWARE, SAM, SHOP, claims, signed_in};
use crate::support::{Browser, NORTHWIND, REDIRECT, VERIFIER, get, token, verifies};

#[actix_web::test]
async fn a_user_flow_has_its_policy_in_the_path_and_other_claims() {
    let emulator = Emulator::builder().start().unwrap();
    let base = "litware.onmicrosoft.com/B2C_1_susi";
    let metadata = get(
        &emulator,
        &format!("{base}/v2.0/.well-known/openid-configuration"),
    )
    .await
    .json();
    assert_eq!(
        metadata["issuer"],
        format!("{}{LITWARE}/v2.0/", emulator.url()),
        "the slash belongs to it"
    );
    assert_eq!(
        metadata["jwks_uri"],
        format!("{}{base}/discovery/v2.0/keys", emulator.url())
    );
    let answer = signed_in(&emulator, base, (SHOP, "emulator~secret~b2c"), SAM).await;
    let body = answer.json();
    assert!(body["id_token_expires_in"].is_number() && body["not_before"].is_number());
    let keys = get(&emulator, &format!("{base}/discovery/v2.0/keys"))
        .await
        .json();
    assert!(verifies(body["id_token"].as_str().unwrap(), &keys));
    let claims = claims(&answer);
    assert_eq!(
        (claims["tfp"].as_str(), claims["emails"][0].as_str()),
        (Some("B2C_1_susi"), Some("sam@customers.example.test"))
    );
    assert!(claims.get("tid").is_none() && claims.get("preferred_username").is_none());
    assert_eq!(
        get(
            &emulator,
            "litware.onmicrosoft.com/B2C_1_none/v2.0/.well-known/openid-configuration"
        )
        .await
        .status,
        400
    );
    assert_eq!(
        get(
            &emulator,
            &format!("{NORTHWIND}/B2C_1_susi/v2.0/.well-known/openid-configuration")
        )
        .await
        .status,
        400
    );
}

#[actix_web::test]
async fn sends_a_forgotten_password_to_the_client() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let base = "litware.onmicrosoft.com/B2C_1_susi";
    let page = browser
        .get(&crate::support::authorize_path(
            base,
            &[("client_id", SHOP)],
        ))
        .await;
    let fields = [
        ("request", page.field("request")),
        ("action", "forgot_password".to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let response = browser
        .post(&format!("/{base}/login"), &fields)
        .await
        .response();
    assert_eq!(response["error"], "access_denied");
    assert!(
        response["error_description"].starts_with("AADB2C90118"),
        "{}",
        response["error_description"]
    );
    let reset = browser
        .pick(
            "litware.onmicrosoft.com/B2C_1_reset_password",
            &[("client_id", SHOP)],
            SAM,
        )
        .await;
    assert!(reset.response().contains_key("code"));
}

#[actix_web::test]
async fn refuses_a_code_of_another_user_flow() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let reset = "litware.onmicrosoft.com/B2C_1_reset_password";
    let answer = browser.pick(reset, &[("client_id", SHOP)], SAM).await;
    let code = answer.response()["code"].clone();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", SHOP),
        ("client_secret", "emulator~secret~b2c"),
        ("redirect_uri", REDIRECT),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let other = "litware.onmicrosoft.com/B2C_1_susi";
    let refused = token(&emulator, other, &fields).await;
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned(), 90_088));
    assert_eq!(token(&emulator, reset, &fields).await.status, 200);
}

#[actix_web::test]
async fn a_profile_is_edited_by_its_user_flow_and_in_its_own_browser_only() {
    let emulator = Emulator::builder().start().unwrap();
    let name = || {
        let directory = emulator.control().directory();
        let sam = directory.users.iter().find(|user| user.id == SAM);
        sam.unwrap().display_name.clone()
    };
    let base = "litware.onmicrosoft.com/B2C_1_edit_profile";
    let browser = Browser::new(&emulator);
    let page = browser.pick(base, &[("client_id", SHOP)], SAM).await;
    let request = page.field("request");
    let before = name();
    let save = |name| [("request", &*request), ("action", "accept"), ("name", name)];
    let path = format!("/{base}/profile");
    let stranger = Browser::new(&emulator);
    assert!(stranger.post(&path, &save("Mallory")).await.status >= 400);
    let cancel = [("request", &*request), ("action", "cancel")];
    let cancelled = browser.post(&path, &cancel).await.response();
    assert!(cancelled["error_description"].starts_with("AADB2C90091"));
    assert_eq!(name(), before);
    let saved = browser.post(&path, &save("Sam Other")).await;
    assert!(saved.response().contains_key("code"));
    assert_eq!(name(), "Sam Other");
}
