//! Authorities for many tenants, personal accounts, guests and External ID.

use entra_emulator::Emulator;
use serde_json::Value;

use crate::support::{
    Answer, Browser, CONSUMERS, EVE, FABRIKAM, MULTI, NORTHWIND, PAT, REDIRECT, VERIFIER, answer,
    client, get, parts, redeem, token,
};

const GINA: &str = "aaaaaaaa-0000-4000-8000-000000000005";
const WOODGROVE: &str = "33330000-aaaa-4bbb-8ccc-000000000003";
const CLEO: &str = "aaaaaaaa-0000-4000-8000-000000000031";
pub(crate) const LITWARE: &str = "44440000-aaaa-4bbb-8ccc-000000000004";
pub(crate) const SAM: &str = "aaaaaaaa-0000-4000-8000-000000000041";
const CUSTOMER_APP: &str = "00001111-aaaa-4222-8333-000000000008";
pub(crate) const SHOP: &str = "00001111-aaaa-4222-8333-000000000009";

pub(crate) async fn signed_in(
    emulator: &Emulator,
    tenant: &str,
    app: (&str, &str),
    user: &str,
) -> Answer {
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

pub(crate) fn claims(answer: &Answer) -> Value {
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
