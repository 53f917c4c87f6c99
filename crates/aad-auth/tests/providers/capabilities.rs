//! R80, R81: what a provider cannot do is told before the user is sent to it, with the setting that helps.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    documents::{Change, Document},
    journey::World,
    product::Product,
};

fn discovery(member: &str, value: Value) -> Change {
    change(Document::Discovery, member, value)
}

fn change(document: Document, member: &str, value: Value) -> Change {
    Change {
        document,
        member: member.to_owned(),
        value,
    }
}

/// The sign-in ends at its start, with a page of ours, and the readiness report names the remedy.
async fn refused_at_the_start(world: &World, code: &str, named: &str) {
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 503, "{code} {named}: {}", page.body);
    assert_eq!(
        page.url.port(),
        Some(world.app.port),
        "{code}: {}",
        page.url
    );
    assert!(page.header("retry-after").is_some());
    assert!(page.body.contains(code), "{code}: {}", page.body);
    assert!(
        !page.body.contains("AAD_"),
        "an operator's remedy: {}",
        page.body
    );
    let grants = world.provider.state.grants.lock().unwrap().len();
    assert_eq!(grants, 0, "{code}: the user was sent to the provider");
    let degraded = world.app.auth.status().await.degraded.join("\n");
    assert!(degraded.contains(named), "{code}: {named}: {degraded}");
}

async fn signs_in(world: &World, what: &str) {
    let page = world.sign_in(&Browser::new()).await;
    assert!(page.body.starts_with("subject "), "{what}: {}", page.body);
    let degraded = world.app.auth.status().await.degraded;
    assert!(degraded.is_empty(), "{what}: {degraded:?}");
}

#[actix_web::test]
async fn r80_a_provider_that_cannot_do_what_a_sign_in_needs_gets_no_user_sent() {
    let keycloak = Product::read("keycloak");
    let no_alg = || change(Document::Key, "alg", Value::Null);
    let methods = "token_endpoint_auth_methods_supported";
    let algorithms = "id_token_signing_alg_values_supported";
    let none: &[(&str, &str)] = &[];
    let form_post = &[("AAD_RESPONSE_MODE", "form_post")][..];
    let userinfo = &[("AAD_USERINFO", "true")][..];
    for (settings, changes, code, named) in [
        (
            none,
            vec![discovery(methods, json!(["private_key_jwt"]))],
            "AAD-CREDENTIAL-UNUSABLE",
            "private_key_jwt",
        ),
        (
            none,
            vec![discovery(
                methods,
                json!(["none", "tls_client_auth", "client_secret_jwt"]),
            )],
            "AAD-CREDENTIAL-UNUSABLE",
            "AAD_CLIENT_AUTH",
        ),
        (
            none,
            vec![discovery(
                "require_pushed_authorization_requests",
                json!(true),
            )],
            "AAD-PROVIDER-PAR",
            "require_pushed_authorization_requests",
        ),
        (
            none,
            vec![discovery("require_signed_request_object", json!(true))],
            "AAD-PROVIDER-JAR",
            "require_signed_request_object",
        ),
        (
            none,
            vec![discovery(
                "code_challenge_methods_supported",
                json!(["plain", "<b>"]),
            )],
            "AAD-PROVIDER-PKCE",
            "offers plain for PKCE",
        ),
        (
            none,
            vec![discovery(
                "response_types_supported",
                json!(["id_token", "code id_token"]),
            )],
            "AAD-PROVIDER-RESPONSE-TYPE",
            "authorization code flow",
        ),
        (
            form_post,
            vec![discovery(
                "response_modes_supported",
                json!(["query", "fragment"]),
            )],
            "AAD-PROVIDER-RESPONSE-MODE",
            "AAD_RESPONSE_MODE=query",
        ),
        (
            none,
            vec![no_alg(), discovery(algorithms, json!(["HS256", "PS256"]))],
            "AAD-PROVIDER-ALG",
            "AAD_SIGNING_ALGORITHMS=PS256",
        ),
        (
            none,
            vec![no_alg(), discovery(algorithms, json!(["EdDSA", "ES384"]))],
            "AAD-PROVIDER-ALG",
            "EdDSA, ES384, which AAD_SIGNING_ALGORITHMS does not name: no setting here helps",
        ),
        (
            userinfo,
            vec![discovery("userinfo_endpoint", Value::Null)],
            "AAD-PROVIDER-USERINFO",
            "AAD_USERINFO",
        ),
        (
            userinfo,
            vec![discovery(
                "userinfo_endpoint",
                json!("https://userinfo.elsewhere.test/me"),
            )],
            "AAD-PROVIDER-USERINFO",
            "AAD_ENDPOINT_HOSTS=userinfo.elsewhere.test",
        ),
    ] {
        let world = World::changed(&keycloak, settings, changes);
        refused_at_the_start(&world, code, named).await;
    }
}

#[actix_web::test]
async fn r81_a_key_set_without_a_usable_key_gets_no_user_sent_and_names_its_algorithms() {
    let keycloak = Product::read("keycloak");
    let key = |member: &str, value: &str| change(Document::Key, member, json!(value));
    for (changes, named) in [
        (vec![key("alg", "EdDSA")], "it has EdDSA"),
        (vec![key("alg", "EdDSA")], "no setting here helps"),
        (
            vec![key("alg", "ES384"), key("kty", "EC")],
            "no setting here helps",
        ),
        (
            vec![key("alg", "PS256")],
            "set AAD_SIGNING_ALGORITHMS=PS256",
        ),
        // The algorithm would be right, and no setting makes a key of 8 bits a good one.
        (vec![key("n", "_w")], "no setting here helps"),
        (vec![key("use", "enc")], "no setting here helps"),
    ] {
        let world = World::changed(&keycloak, &[], changes);
        refused_at_the_start(&world, "AAD-KEYS-UNUSABLE", named).await;
    }
    let es256 = &[("AAD_SIGNING_ALGORITHMS", "ES256")];
    let world = World::changed(&keycloak, es256, Vec::new());
    let named = "set AAD_SIGNING_ALGORITHMS=RS256";
    refused_at_the_start(&world, "AAD-KEYS-UNUSABLE", named).await;
}

#[actix_web::test]
async fn r80_a_provider_that_has_been_mended_is_noticed_by_a_sign_in_a_minute_later() {
    let keycloak = Product::read("keycloak");
    let plain = discovery("code_challenge_methods_supported", json!(["plain"]));
    let world = World::changed(&keycloak, &[], vec![plain]);
    refused_at_the_start(&world, "AAD-PROVIDER-PKCE", "S256").await;
    world.provider.change(Vec::new());
    refused_at_the_start(&world, "AAD-PROVIDER-PKCE", "S256").await;
    world.clock.advance(Duration::from_secs(60));
    signs_in(&world, "S256 again").await;
}

#[actix_web::test]
async fn lists_that_are_empty_or_of_another_type_say_nothing() {
    let keycloak = Product::read("keycloak");
    for value in [json!([]), json!("plain"), json!([7]), json!({})] {
        let lists = [
            "code_challenge_methods_supported",
            "response_types_supported",
            "response_modes_supported",
            "id_token_signing_alg_values_supported",
            "require_pushed_authorization_requests",
            "require_signed_request_object",
        ];
        let changes = lists.map(|list| discovery(list, value.clone())).to_vec();
        let world = World::changed(&keycloak, &[("AAD_RESPONSE_MODE", "form_post")], changes);
        signs_in(&world, &value.to_string()).await;
    }
}

#[actix_web::test]
async fn what_a_setting_or_a_key_proves_counts_more_than_a_list() {
    let keycloak = Product::read("keycloak");
    let methods = discovery(
        "token_endpoint_auth_methods_supported",
        json!(["private_key_jwt"]),
    );
    // The provider of this test takes a secret as long as its list is absent.
    let world = World::changed(
        &keycloak,
        &[("AAD_CLIENT_AUTH", "client_secret_basic")],
        vec![methods],
    );
    let page = world.sign_in(&Browser::new()).await;
    assert_ne!(page.status, 503, "the user was sent: {}", page.body);
    // The key says RS256: the list is out of date.
    let stale = discovery("id_token_signing_alg_values_supported", json!(["ES256"]));
    signs_in(&World::changed(&keycloak, &[], vec![stale]), "a stale list").await;
    // Slack: by query, which is what `code` means without a parameter.
    let form_post = discovery("response_modes_supported", json!(["form_post"]));
    signs_in(&World::changed(&keycloak, &[], vec![form_post]), "query").await;
}

#[actix_web::test]
async fn r82_a_code_by_query_although_a_form_was_asked_for_names_the_setting() {
    let dex = Product::read("dex");
    let world = World::changed(&dex, &[("AAD_RESPONSE_MODE", "form_post")], Vec::new());
    *world.provider.state.answers_by_query.lock().unwrap() = true;
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(
        page.body.contains("AAD-FLOW-RESPONSE-MODE"),
        "{}",
        page.body
    );
    assert!(browser.session_cookie().is_none());
    // Nobody is told of a setting who has no `state` of ours.
    let forged = world.app.url("/auth/redirect?code=x&state=forged");
    let page = Browser::new().get(&forged).await;
    assert!(page.body.contains("AAD-FLOW-RESPONSE<"), "{}", page.body);
}

#[actix_web::test]
async fn r86_optional_endpoints_at_a_host_that_is_not_expected_count_as_absent() {
    let keycloak = Product::read("keycloak");
    let elsewhere = json!("https://elsewhere.test/x");
    for member in [
        "end_session_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
    ] {
        let change = vec![discovery(member, elsewhere.clone())];
        let world = World::changed(&keycloak, &[], change);
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        assert!(page.body.starts_with("subject "), "{member}: {}", page.body);
        let page = world.sign_out(&browser).await;
        assert_eq!(page.status, 200, "{member}");
        assert_eq!(
            page.url.port(),
            Some(world.app.port),
            "{member}: {}",
            page.url
        );
        assert!(!world.lives(&browser).await);
    }
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let change = vec![discovery(member, elsewhere.clone())];
        let world = World::changed(&keycloak, &[], change);
        let named = "AAD_ENDPOINT_HOSTS=elsewhere.test";
        refused_at_the_start(&world, "AAD-METADATA-ENDPOINT", named).await;
    }
}
