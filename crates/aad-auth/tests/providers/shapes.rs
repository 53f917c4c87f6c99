//! Other forms in which standards let the same thing be said, for each product.

use std::time::Duration;

use aad_auth::store::Clock;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    documents::{Change, Document},
    journey::{Settings, World},
    product::{Expected, Product},
};

fn played() -> impl Iterator<Item = (String, Product)> {
    let all = Product::all().into_iter();
    all.filter(|(_, product)| product.expected != Expected::Cannot)
}

fn change(document: Document, member: &str, value: Value) -> Change {
    Change {
        document,
        member: member.to_owned(),
        value,
    }
}

async fn signs_in(world: &World, what: &str) {
    let page = world.sign_in(&Browser::new()).await;
    assert_eq!(page.status, 200, "{what}: {}", page.body);
    assert!(page.body.starts_with("subject "), "{what}: {}", page.body);
}

#[actix_web::test]
async fn dates_with_a_fraction_lifetimes_as_text_and_unknown_members_change_nothing() {
    for (name, product) in played() {
        let world = World::start(&product, Settings::Complete);
        let now = world.clock.now().seconds();
        let changes = [
            change(Document::IdToken, "exp", json!(now as f64 + 299.5)),
            change(Document::IdToken, "iat", json!(now as f64 - 0.25)),
            change(Document::IdToken, "cnf", json!({"jkt": [null]})),
            change(Document::Answer, "expires_in", json!("3600")),
            change(Document::Answer, "expires_in", json!(3600.0)),
            change(Document::Answer, "token_type", json!("BEARER")),
            change(Document::Answer, "token_type", json!("bearer")),
            change(Document::Answer, "scope", json!(["openid", "profile"])),
            change(Document::Answer, "x", json!({"deep": [1, {"a": null}]})),
        ];
        for change in changes {
            let what = format!("{name}: {change:?}");
            world.provider.change(vec![change]);
            signs_in(&world, &what).await;
        }
    }
}

#[actix_web::test]
async fn an_audience_is_a_text_or_an_array() {
    for (name, product) in played() {
        let world = World::start(&product, Settings::Complete);
        let client = product.client_id.clone();
        for audience in [json!(client), json!([client])] {
            let change = change(Document::IdToken, "aud", audience);
            world.provider.change(vec![change]);
            signs_in(&world, &name).await;
        }
        let strangers = json!([client, "another-application"]);
        let change = change(Document::IdToken, "aud", strangers);
        world.provider.change(vec![change]);
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        assert!(page.body.contains("AAD-TOKEN-AUD-OTHERS"), "{name}");
        assert!(browser.session_cookie().is_none());
    }
}

#[actix_web::test]
async fn the_secret_goes_each_way_that_a_product_takes() {
    for (name, product) in played() {
        let announced = &product.discovery["token_endpoint_auth_methods_supported"];
        for method in ["client_secret_post", "client_secret_basic"] {
            let offered = announced
                .as_array()
                .is_some_and(|methods| methods.iter().any(|one| one == method));
            let taken = product
                .takes_auth
                .as_deref()
                .is_none_or(|one| one == method);
            if offered && taken {
                let world = World::start(&product, Settings::And("AAD_CLIENT_AUTH", method));
                signs_in(&world, &format!("{name}: {method}")).await;
            }
        }
    }
}

#[actix_web::test]
async fn the_response_comes_by_form_post_where_a_product_offers_it() {
    for (name, product) in played() {
        let modes = product.discovery["response_modes_supported"].as_array();
        if modes.is_some_and(|modes| modes.iter().any(|mode| mode == "form_post")) {
            let settings = Settings::And("AAD_RESPONSE_MODE", "form_post");
            signs_in(&World::start(&product, settings), &name).await;
        }
    }
}

#[actix_web::test]
async fn a_session_ends_when_its_refresh_token_was_revoked() {
    for (name, product) in played() {
        let has = |member: &str| product.answer.get(member).is_some();
        let says_so = product.used_code.body["error"] == "invalid_grant";
        if !has("access_token") || !has("refresh_token") || !says_so {
            continue;
        }
        let world = World::start(&product, Settings::Complete);
        let browser = Browser::new();
        assert_eq!(world.sign_in(&browser).await.status, 200, "{name}");
        world.provider.state.grants.lock().unwrap().clear();
        world.clock.advance(Duration::from_secs(7 * 24 * 3600 + 1));
        world.tokens(&browser).await;
        assert!(!world.lives(&browser).await, "{name}");
    }
}

/// What must never pass, whoever the provider is.
#[actix_web::test]
async fn a_token_of_another_issuer_client_user_or_sign_in_is_refused_at_every_product() {
    for (name, product) in played() {
        let world = World::start(&product, Settings::Complete);
        for (member, value, code) in [
            ("iss", json!("https://evil.test"), "AAD-TOKEN-ISS"),
            ("aud", json!("another-application"), "AAD-TOKEN-AUD"),
            ("azp", json!("another-application"), "AAD-TOKEN-AZP"),
            ("nonce", json!("of another sign-in"), "AAD-TOKEN-NONCE"),
            ("nonce", Value::Null, "AAD-TOKEN-NONCE"),
            ("sub", Value::Null, "AAD-TOKEN-SUB"),
            ("exp", json!(1), "AAD-TOKEN-EXP"),
            (
                "at_hash",
                json!("AAAAAAAAAAAAAAAAAAAAAA"),
                "AAD-TOKEN-AT-HASH",
            ),
        ] {
            let changed = change(Document::IdToken, member, value);
            world.provider.change(vec![changed]);
            let browser = Browser::new();
            let page = world.sign_in(&browser).await;
            assert!(page.body.contains(code), "{name} {member}: {}", page.body);
            assert!(browser.session_cookie().is_none());
        }
    }
}
