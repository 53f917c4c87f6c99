//! Authorities for many tenants, personal accounts, guests, B2C and External ID.

use entra_emulator::Emulator;
use serde_json::Value;

use crate::support::{
    Answer, Browser, CONSUMERS, EVE, FABRIKAM, MULTI, NORTHWIND, PAT, REDIRECT, VERIFIER, answer,
    client, get, parts, redeem, token, verifies,
};

const GINA: &str = "aaaaaaaa-0000-4000-8000-000000000005";
const WOODGROVE: &str = "33330000-aaaa-4bbb-8ccc-000000000003";
const CLEO: &str = "aaaaaaaa-0000-4000-8000-000000000031";
const LITWARE: &str = "44440000-aaaa-4bbb-8ccc-000000000004";
const SAM: &str = "aaaaaaaa-0000-4000-8000-000000000041";
const CUSTOMER_APP: &str = "00001111-aaaa-4222-8333-000000000008";
const SHOP: &str = "00001111-aaaa-4222-8333-000000000009";

async fn signed_in(emulator: &Emulator, tenant: &str, app: (&str, &str), user: &str) -> Answer {
    let code = Browser::new(emulator)
        .pick(tenant, &[("client_id", app.0)], user)
        .await
        .response()["code"]
        .clone();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", app.0),
        ("client_secret", app.1),
        ("redirect_uri", REDIRECT),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    token(emulator, tenant, &fields).await
}

fn claims(answer: &Answer) -> Value {
    parts(answer.json()["id_token"].as_str().unwrap()).1
}

#[actix_web::test]
async fn at_common_each_token_has_the_issuer_of_the_users_tenant() {
    let emulator = Emulator::builder().start().unwrap();
    let app = (MULTI, "emulator~secret~multi-tenant");
    for (user, tenant) in [(EVE, FABRIKAM), (PAT, CONSUMERS)] {
        let answer = signed_in(&emulator, "common", app, user).await;
        let claims = claims(&answer);
        assert_eq!(claims["tid"], tenant);
        assert_eq!(claims["iss"], format!("{}{tenant}/v2.0", emulator.url()));
    }
    let eve = claims(&signed_in(&emulator, "organizations", app, EVE).await);
    assert_eq!(
        eve["email"], "ada@northwind.example.test",
        "an e-mail address is no identity"
    );
}

#[actix_web::test]
async fn a_guests_token_names_the_identity_provider() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(GINA).await;
    let claims = claims(&redeem(&emulator, &code, &[]).await);
    assert_eq!(claims["tid"], NORTHWIND);
    assert!(
        claims["idp"]
            .as_str()
            .unwrap()
            .starts_with("https://sts.partner.example.test/")
    );
    assert!(
        claims["preferred_username"]
            .as_str()
            .unwrap()
            .contains("#EXT#")
    );
}

#[actix_web::test]
async fn an_external_id_tenant_has_an_issuer_of_another_host() {
    let emulator = Emulator::builder().start().unwrap();
    let metadata = get(
        &emulator,
        &format!("{WOODGROVE}/v2.0/.well-known/openid-configuration"),
    )
    .await
    .json();
    let issuer = format!(
        "http://{WOODGROVE}.localhost:{}/{WOODGROVE}/v2.0",
        emulator.port()
    );
    assert_eq!(metadata["issuer"], issuer);
    assert!(
        metadata["token_endpoint"]
            .as_str()
            .unwrap()
            .starts_with(emulator.url().as_str())
    );
    let answer = signed_in(
        &emulator,
        WOODGROVE,
        (CUSTOMER_APP, "emulator~secret~external-id"),
        CLEO,
    )
    .await;
    assert_eq!(claims(&answer)["iss"], issuer);
    let keys = get(&emulator, &format!("{WOODGROVE}/discovery/v2.0/keys"))
        .await
        .json();
    assert!(
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["issuer"] == issuer)
    );
    let by_label = client()
        .get(emulator.url().as_str())
        .insert_header(("Host", "woodgrove.localhost"));
    assert_eq!(answer_status(by_label).await, 200);
}

async fn answer_status(request: awc::ClientRequest) -> u16 {
    answer(request.send().await.unwrap()).await.status
}

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
