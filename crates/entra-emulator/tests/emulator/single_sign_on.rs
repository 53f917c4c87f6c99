//! Single sign-on: silent sign-ins, `max_age` and hints.

use crate::support::{
    ADA, EVE, MULTI, NORTHWIND, PAT, ROBIN, authorize_path, parts, redeem, start,
};

#[actix_web::test]
async fn signs_in_silently_when_an_account_is_signed_in() {
    let (_emulator, browser) = start();
    browser.code(ADA).await;
    let silent = browser.authorize(&[]).await;
    assert_eq!(
        (silent.status, silent.response().contains_key("code")),
        (302, true)
    );
    assert!(
        browser
            .authorize(&[("prompt", "none")])
            .await
            .response()
            .contains_key("code")
    );
    for prompt in ["login", "select_account"] {
        let page = browser.authorize(&[("prompt", prompt)]).await;
        assert!(
            page.status == 200 && page.text.contains("signed in"),
            "{prompt}"
        );
    }
    browser
        .pick(NORTHWIND, &[("prompt", "select_account")], ROBIN)
        .await;
    assert_eq!(
        browser.authorize(&[]).await.status,
        200,
        "two accounts: the user chooses"
    );
    assert_eq!(
        browser.authorize(&[("prompt", "none")]).await.response()["error"],
        "login_required"
    );
    let hinted = [
        ("prompt", "none"),
        ("login_hint", "robin@northwind.example.test"),
    ];
    assert!(
        browser
            .authorize(&hinted)
            .await
            .response()
            .contains_key("code")
    );
}

#[actix_web::test]
async fn max_age_asks_again_and_puts_auth_time_into_the_token() {
    let (emulator, browser) = start();
    let before = emulator.control().now();
    browser.code(ADA).await;
    let after = emulator.control().now();
    emulator.control().set_clock_offset(120);
    assert_eq!(
        browser
            .authorize(&[("max_age", "60"), ("prompt", "none")])
            .await
            .response()["error"],
        "login_required"
    );
    let code = browser
        .authorize(&[("max_age", "300"), ("prompt", "none")])
        .await
        .response()["code"]
        .clone();
    let body = redeem(&emulator, &code, &[]).await.json();
    let (_, claims) = parts(body["id_token"].as_str().unwrap());
    let signed_in = claims["auth_time"].as_i64().unwrap();
    assert!((before..=after).contains(&signed_in), "{signed_in}");
}

#[actix_web::test]
async fn hints_choose_the_offered_users() {
    let (_emulator, browser) = start();
    let page = browser
        .authorize(&[("login_hint", "robin@northwind.example.test")])
        .await;
    assert!(page.text.find(ROBIN).unwrap() < page.text.find(ADA).unwrap());
    let changes = [
        ("client_id", MULTI),
        ("domain_hint", "fabrikam.example.test"),
    ];
    let page = browser.get(&authorize_path("common", &changes)).await;
    assert!(
        page.text.contains(EVE) && !page.text.contains(ADA),
        "{}",
        page.text
    );
    let page = browser
        .get(&authorize_path(
            "common",
            &[("client_id", MULTI), ("domain_hint", "consumers")],
        ))
        .await;
    assert!(page.text.contains(PAT) && !page.text.contains(EVE));
    let page = browser
        .get(&authorize_path("organizations", &[("client_id", MULTI)]))
        .await;
    assert!(page.text.contains(EVE) && !page.text.contains(PAT));
}
