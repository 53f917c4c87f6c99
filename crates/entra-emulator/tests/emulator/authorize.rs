//! The authorization endpoint: refusals as pages and as redirects, prompts, single sign-on.

use entra_emulator::Emulator;

use crate::support::{
    ADA, ASSIGNED, Browser, CONNIE, Changes, DANA, EVE, MULTI, NORTHWIND, PAT, REDIRECT, ROBIN,
    authorize_path, parts, redeem,
};

fn start() -> (Emulator, Browser) {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    (emulator, browser)
}

#[actix_web::test]
async fn refuses_an_unknown_client_or_redirect_uri_on_a_page() {
    let (_emulator, browser) = start();
    let cases: [(&str, Changes<'_>, u32); 9] = [
        (
            NORTHWIND,
            &[("redirect_uri", "http://localhost:5000/other")],
            50_011,
        ),
        (
            NORTHWIND,
            &[("redirect_uri", "https://evil.example.test/")],
            50_011,
        ),
        (
            NORTHWIND,
            &[("client_id", "ffffffff-0000-4000-8000-000000000000")],
            700_016,
        ),
        (NORTHWIND, &[("client_id", "")], 900_144),
        ("nobody.example.test", &[], 90_002),
        ("common", &[], 50_194),
        ("consumers", &[], 9_002_332),
        ("fabrikam.example.test", &[], 700_016),
        ("44440000-aaaa-4bbb-8ccc-000000000004", &[], 90_100),
    ];
    for (tenant, changes, code) in cases {
        let answer = browser.get(&authorize_path(tenant, changes)).await;
        assert_eq!(answer.status, 400, "{code}");
        assert!(
            answer.text.contains(&format!("AADSTS{code}")),
            "{code}: {}",
            answer.text
        );
        assert_eq!(answer.header("location"), "");
        assert!(answer.text.contains("LOCAL EMULATOR"));
    }
    let twice = browser
        .get(&format!(
            "{}&client_id={MULTI}",
            authorize_path(NORTHWIND, &[])
        ))
        .await;
    assert!(twice.text.contains("AADSTS9002313"));
}

#[actix_web::test]
async fn the_error_page_compares_the_sent_address_with_the_registered_ones() {
    let (_emulator, browser) = start();
    let page = browser
        .authorize(&[("redirect_uri", "http://localhost:5000/auth/Redirect")])
        .await;
    assert!(page.text.contains("What to fix"));
    assert!(
        page.text.contains("<mark>redirect</mark>") && page.text.contains("<mark>Redirect</mark>"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Request id") && page.text.contains("Correlation id"));
}

#[actix_web::test]
async fn sends_other_refusals_to_the_client() {
    let (_emulator, browser) = start();
    let cases: [(Changes<'_>, &str, &str); 11] = [
        (&[("response_type", "")], "invalid_request", "AADSTS900144"),
        (
            &[("response_type", "token")],
            "unsupported_response_type",
            "AADSTS70005",
        ),
        (
            &[
                ("response_type", "code id_token"),
                ("response_mode", "query"),
            ],
            "unsupported_response_type",
            "AADSTS700054",
        ),
        (
            &[("response_mode", "web_message")],
            "invalid_request",
            "AADSTS70007",
        ),
        (&[("scope", "")], "invalid_request", "AADSTS900144"),
        (
            &[("scope", "openid nonsense")],
            "invalid_scope",
            "AADSTS70011",
        ),
        (&[("resource", "x")], "invalid_request", "AADSTS901002"),
        (&[("prompt", "create me")], "invalid_request", "AADSTS90023"),
        (
            &[("code_challenge", "short")],
            "invalid_request",
            "AADSTS501491",
        ),
        (&[("prompt", "none")], "login_required", "AADSTS50058"),
        (&[("max_age", "-1")], "invalid_request", "AADSTS90100"),
    ];
    for (changes, error, number) in cases {
        let answer = browser.authorize(changes).await;
        assert_eq!(answer.status, 302, "{number}: {}", answer.text);
        let response = if answer.header("location").contains("#error") {
            url::form_urlencoded::parse(answer.location().fragment().unwrap().as_bytes())
                .into_owned()
                .collect()
        } else {
            answer.response()
        };
        assert_eq!(
            (response["error"].as_str(), response["state"].as_str()),
            (error, "the-state")
        );
        assert!(
            response["error_description"].starts_with(number),
            "{}",
            response["error_description"]
        );
        assert!(response["error_description"].contains("\r\nTrace ID: "));
        assert!(response["error_uri"].contains("/error?code="));
    }
}

#[actix_web::test]
async fn refuses_a_user_who_may_not_sign_in_on_a_page() {
    let (_emulator, browser) = start();
    let cases = [
        (DANA, 50_057),
        (EVE, 50_020),
        (PAT, 50_020),
        ("nobody", 50_034),
    ];
    for (user, code) in cases {
        let answer = browser.pick(NORTHWIND, &[], user).await;
        assert!(
            answer.text.contains(&format!("AADSTS{code}")),
            "{user}: {}",
            answer.text
        );
    }
    let answer = browser
        .pick(NORTHWIND, &[("client_id", ASSIGNED)], ROBIN)
        .await;
    assert!(answer.text.contains("AADSTS50105"), "{}", answer.text);
}

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

#[actix_web::test]
async fn sends_the_response_by_fragment_and_by_form() {
    let (_emulator, browser) = start();
    let answer = browser
        .pick(NORTHWIND, &[("response_mode", "fragment")], ADA)
        .await;
    assert!(answer.location().fragment().unwrap().contains("code="));
    let page = browser.authorize(&[("response_mode", "form_post")]).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<noscript>") && page.text.contains("name=\"code\""));
    assert!(
        page.text.contains(&format!("action=\"{REDIRECT}\"")),
        "{}",
        page.text
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' http://localhost:5000") && !policy.contains("unsafe")
    );
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
