//! Authorization responses that are not what the protocol allows.

use entra_emulator::{Endpoint, Fault};

use super::refused;
use crate::support::{ADA, Browser, World};

async fn callback(world: &World, browser: &Browser) -> url::Url {
    world.users(ADA);
    let url = browser.until_callback(&world.app.url("/app/x")).await;
    url::Url::parse(&url).unwrap()
}

fn replaced(url: &url::Url, name: &str, value: Option<&str>) -> String {
    let mut changed = url.clone();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(n, _)| n != name)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed.to_string()
}

#[actix_web::test]
async fn a_missing_empty_huge_or_unprintable_code() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    for code in [
        None,
        Some(""),
        Some("a\0b"),
        Some("\u{e4}"),
        Some(&*"a".repeat(8193)),
    ] {
        refused(
            &world,
            &browser,
            &replaced(&url, "code", code),
            "AAD-FLOW-RESPONSE",
        )
        .await;
    }
}

#[actix_web::test]
async fn a_code_together_with_an_error() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let both = format!("{url}&error=access_denied");
    refused(&world, &browser, &both, "AAD-FLOW-RESPONSE").await;
}

#[actix_web::test]
async fn a_code_that_comes_twice() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    refused(
        &world,
        &browser,
        &format!("{url}&code=x"),
        "AAD-FLOW-REPEATED",
    )
    .await;
}

#[actix_web::test]
async fn a_code_of_another_attempt() {
    let world = World::start();
    let (browser, attacker) = (Browser::new(), Browser::new());
    let stolen = callback(&world, &attacker).await;
    let code = stolen
        .query_pairs()
        .find(|(n, _)| n == "code")
        .unwrap()
        .1
        .into_owned();
    let url = callback(&world, &browser).await;
    // PKCE refuses it at the provider, before nonce would refuse it here.
    let page = refused(
        &world,
        &browser,
        &replaced(&url, "code", Some(&code)),
        "AAD-FLOW-CODE",
    )
    .await;
    assert!(page.body.contains("AADSTS501481"), "{}", page.body);
}

#[actix_web::test]
async fn a_wrong_issuer_parameter() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    for iss in ["https://evil.test", "", "null"] {
        refused(
            &world,
            &browser,
            &replaced(&url, "iss", Some(iss)),
            "AAD-FLOW-ISS",
        )
        .await;
    }
}

#[actix_web::test]
async fn a_missing_issuer_parameter_although_it_is_announced() {
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    emulator.control().faults().set(Fault::metadata(
        "authorization_response_iss_parameter_supported",
        true,
    ));
    let app = crate::support::App::start(&emulator, |source| source);
    let (world, browser) = (World { emulator, app }, Browser::new());
    let url = callback(&world, &browser).await;
    let without = replaced(&url, "iss", None);
    let page = refused(&world, &browser, &without, "AAD-FLOW-ISS-MISSING").await;
    assert!(page.body.contains("names no provider"), "{}", page.body);
    assert!(!page.body.contains("another provider"), "{}", page.body);
}

#[actix_web::test]
async fn the_providers_words_are_not_repeated() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let error = replaced(&url, "code", None)
        + "&error=%3Cscript%3Eevil%3C%2Fscript%3E&error_description=AADSTS65004%3A+%3Cb%3Eevil%3C%2Fb%3E"
        + "&error_uri=https%3A%2F%2Fevil.test";
    let page = refused(&world, &browser, &error, "AAD-FLOW-DECLINED").await;
    assert!(!page.body.contains("evil"), "{}", page.body);
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
}

#[actix_web::test]
async fn errors_of_the_provider_are_pages_without_a_loop() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    for error in [
        "access_denied",
        "login_required",
        "interaction_required",
        "temporarily_unavailable",
        "server_error",
    ] {
        let url = replaced(&url, "code", None) + &format!("&error={error}");
        refused(&world, &browser, &url, "AAD-FLOW-DECLINED").await;
    }
    let long = replaced(&url, "code", None) + "&error=x&error_description=" + &"a".repeat(12_000);
    refused(&world, &browser, &long, "AAD-FLOW").await;
}

#[actix_web::test]
async fn an_implicit_response() {
    let (world, browser) = (World::start(), Browser::new());
    let url = callback(&world, &browser).await;
    let implicit = replaced(&url, "code", None) + "&id_token=a.b.c&access_token=x";
    refused(&world, &browser, &implicit, "AAD-FLOW-RESPONSE").await;
    let calls = world.emulator.control().calls();
    assert!(calls.iter().all(|call| call.endpoint != Endpoint::Token));
}
