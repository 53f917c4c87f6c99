//! The authorization endpoint: refusals on pages and to the client, and response modes.

use crate::support::{
    ADA, ASSIGNED, Changes, DANA, EVE, MULTI, NORTHWIND, PAT, REDIRECT, ROBIN, authorize_path,
    start,
};

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
