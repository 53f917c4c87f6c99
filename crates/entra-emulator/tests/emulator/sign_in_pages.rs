//! The pages of a sign-in: accounts, user name, consent.

use crate::support::{ADA, Browser, CONNIE, NORTHWIND, start};

#[actix_web::test]
async fn signs_in_by_a_typed_user_name_and_refuses_an_unknown_one() {
    let (_emulator, browser) = start();
    let picker = browser.authorize(&[]).await;
    let form = browser
        .post(
            &format!("/{NORTHWIND}/username"),
            &[("request", &picker.field("request"))],
        )
        .await;
    assert!(form.text.contains("name=\"username\""));
    let request = form.field("request");
    let unknown = [("request", request.as_str()), ("username", "<b>nobody</b>")];
    let unknown = browser.post(&format!("/{NORTHWIND}/login"), &unknown).await;
    assert!(unknown.text.contains("AADSTS50034") && !unknown.text.contains("<b>nobody"));
    let known = [
        ("request", request.as_str()),
        ("username", "ADA@northwind.example.test"),
    ];
    assert!(
        browser
            .post(&format!("/{NORTHWIND}/login"), &known)
            .await
            .response()
            .contains_key("code")
    );
}

#[actix_web::test]
async fn sends_a_cancelled_sign_in_to_the_client() {
    let (_emulator, browser) = start();
    let page = browser.authorize(&[]).await;
    let fields = [
        ("request", page.field("request")),
        ("action", "cancel".to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let response = browser
        .post(&format!("/{NORTHWIND}/login"), &fields)
        .await
        .response();
    assert_eq!(
        (
            response["error"].as_str(),
            response["error_subcode"].as_str()
        ),
        ("access_denied", "cancel")
    );
}

#[actix_web::test]
async fn refuses_a_forged_page_state() {
    let (_emulator, browser) = start();
    let answer = browser
        .post(
            &format!("/{NORTHWIND}/login"),
            &[("request", "forged"), ("account", ADA)],
        )
        .await;
    assert_eq!(answer.status, 400);
}

#[actix_web::test]
async fn asks_for_consent_once_and_accepts_a_refusal() {
    let (_emulator, browser) = start();
    let page = browser.pick(NORTHWIND, &[], CONNIE).await;
    assert!(page.text.contains("Permissions requested"), "{}", page.text);
    let request = page.field("request");
    let refused = browser
        .post(
            &format!("/{NORTHWIND}/consent"),
            &[("request", &request), ("action", "cancel")],
        )
        .await;
    assert_eq!(refused.response()["error"], "access_denied");
    assert_eq!(
        browser.authorize(&[("prompt", "none")]).await.response()["error"],
        "consent_required"
    );
    let given = browser
        .post(
            &format!("/{NORTHWIND}/consent"),
            &[("request", &request), ("action", "accept")],
        )
        .await;
    assert!(given.response().contains_key("code"));
    assert!(
        browser
            .authorize(&[("prompt", "none")])
            .await
            .response()
            .contains_key("code")
    );
    assert!(
        browser
            .authorize(&[("prompt", "consent")])
            .await
            .text
            .contains("Permissions requested")
    );
}

#[actix_web::test]
async fn refuses_a_consent_page_of_another_browser() {
    let (emulator, browser) = start();
    let request = browser.pick(NORTHWIND, &[], CONNIE).await.field("request");
    let other = Browser::new(&emulator);
    let answer = other
        .post(
            &format!("/{NORTHWIND}/consent"),
            &[("request", &request), ("action", "accept")],
        )
        .await;
    assert_eq!(answer.status, 400);
}

#[actix_web::test]
async fn the_pages_name_the_emulator_and_escape_display_names() {
    let (_emulator, browser) = start();
    let page = browser.authorize(&[("state", "<script>")]).await;
    assert!(
        page.text
            .contains("LOCAL EMULATOR – not Microsoft, accepts any of these users")
    );
    assert!(page.text.contains("<title>LOCAL EMULATOR"));
    assert!(!page.text.contains("<script>alert"));
    assert!(page.text.contains("autofocus"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store, no-cache");
}
