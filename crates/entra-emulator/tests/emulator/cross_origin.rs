//! Pages of other origins at the token endpoint.

use awc::http::StatusCode;
use entra_emulator::Emulator;

use crate::support::{
    ADA, Answer, Browser, MULTI, NORTHWIND, REDIRECT, SPA, VERIFIER, WEBAPP, WEBAPP_SECRET, answer,
    client,
};

const PAGE: &str = "http://localhost:3000";
const SPA_REDIRECT: (&str, &str) = ("redirect_uri", "http://localhost:3000/");
const ALLOWED: &str = "access-control-allow-origin";
const STRANGERS: [&str; 6] = [
    "https://evil.test",
    "null",
    "http://localhost.evil.test:3000",
    "https://localhost:3000",
    "http://127.0.0.1:3000",
    "http://localhost:3000/",
];

fn url(emulator: &Emulator) -> String {
    format!("{}{NORTHWIND}/oauth2/v2.0/token", emulator.url())
}

/// A token request of a page, or of a program.
async fn ask(emulator: &Emulator, origin: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let mut request = client().post(url(emulator));
    if let Some(origin) = origin {
        request = request.insert_header(("Origin", origin));
    }
    let answer = answer(request.send_form(&fields).await.unwrap()).await;
    // A cache must not answer one page with the answer to another.
    assert_eq!(answer.header("vary"), "Origin");
    answer
}

fn assert_refused(answer: &Answer, number: u64, readable_by: &str) {
    let case = &answer.text;
    assert_eq!(
        answer.error(),
        (400, "invalid_request".to_owned(), number),
        "{case}"
    );
    assert_eq!(answer.header(ALLOWED), readable_by, "{case}");
}

async fn spa_code(emulator: &Emulator) -> String {
    let browser = Browser::new(emulator);
    let changes = [("client_id", SPA), SPA_REDIRECT];
    browser.pick(NORTHWIND, &changes, ADA).await.response()["code"].clone()
}

fn spa_fields(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", SPA),
        SPA_REDIRECT,
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
}

fn web_fields(code: &str) -> [(&str, &str); 6] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("redirect_uri", REDIRECT),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
}

#[actix_web::test]
async fn w34_a_code_of_a_single_page_application_is_redeemed_by_its_own_page_only() {
    let emulator = Emulator::builder().start().unwrap();
    let without = [("client_id", SPA), SPA_REDIRECT, ("code_challenge", "")];
    let without = Browser::new(&emulator).authorize(&without).await;
    assert!(without.response()["error_description"].starts_with("AADSTS9002325"));
    let code = spa_code(&emulator).await;
    let fields = spa_fields(&code);
    // A server, with and without a code verifier.
    assert_refused(&ask(&emulator, None, &fields).await, 9_002_327, "");
    assert_refused(&ask(&emulator, None, &fields[..4]).await, 9_002_325, "");
    for origin in STRANGERS {
        let answer = ask(&emulator, Some(origin), &fields).await;
        assert_refused(&answer, 9_002_326, "");
    }
    // The application's own page may read the error.
    let unproved = ask(&emulator, Some(PAGE), &fields[..4]).await;
    assert_eq!((unproved.status, unproved.header(ALLOWED)), (400, PAGE));
    let good = ask(&emulator, Some(PAGE), &fields).await;
    assert_eq!((good.status, good.header(ALLOWED)), (200, PAGE));
    assert_eq!(good.json()["refresh_token_expires_in"], 86_400);
}

#[actix_web::test]
async fn w34_on_localhost_the_port_of_the_page_does_not_count() {
    let emulator = Emulator::builder().start().unwrap();
    let code = spa_code(&emulator).await;
    let page = "http://localhost:5173";
    let good = ask(&emulator, Some(page), &spa_fields(&code)).await;
    assert_eq!((good.status, good.header(ALLOWED)), (200, page));
}

#[actix_web::test]
async fn w34_no_page_redeems_or_reads_a_code_of_a_web_application() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(ADA).await;
    let fields = web_fields(&code);
    let own = "http://localhost:5000";
    for origin in STRANGERS.iter().chain([&own, &PAGE]) {
        let answer = ask(&emulator, Some(origin), &fields).await;
        assert_refused(&answer, 9_002_326, "");
    }
    assert_eq!(ask(&emulator, None, &fields).await.status, 200);
}

#[actix_web::test]
async fn w34_refresh_tokens_stay_with_the_kind_of_client_they_were_issued_to() {
    let emulator = Emulator::builder().start().unwrap();
    let code = spa_code(&emulator).await;
    let tokens = ask(&emulator, Some(PAGE), &spa_fields(&code)).await.json();
    let token = tokens["refresh_token"].as_str().unwrap();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", SPA),
        ("refresh_token", token),
    ];
    assert_refused(&ask(&emulator, None, &fields).await, 9_002_327, "");
    for origin in STRANGERS {
        let answer = ask(&emulator, Some(origin), &fields).await;
        assert_refused(&answer, 9_002_326, "");
    }
    let good = ask(&emulator, Some(PAGE), &fields).await;
    assert_eq!((good.status, good.header(ALLOWED)), (200, PAGE));

    let code = Browser::new(&emulator).code(ADA).await;
    let tokens = ask(&emulator, None, &web_fields(&code)).await.json();
    let token = tokens["refresh_token"].as_str().unwrap();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("refresh_token", token),
    ];
    for origin in STRANGERS.iter().chain([&PAGE]) {
        let answer = ask(&emulator, Some(origin), &fields).await;
        assert_refused(&answer, 9_002_326, "");
    }
    assert_eq!(ask(&emulator, None, &fields).await.status, 200);
}

#[actix_web::test]
async fn w34_an_application_of_both_platforms_gives_its_page_no_web_grant() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().edit_directory(|directory| {
        for application in &mut directory.applications {
            if application.app_id == WEBAPP {
                application
                    .spa
                    .redirect_uris
                    .push(SPA_REDIRECT.1.to_owned());
            }
        }
    });
    let code = Browser::new(&emulator).code(ADA).await;
    let answer = ask(&emulator, Some(PAGE), &web_fields(&code)).await;
    // The page may read the error; it has no token.
    assert_refused(&answer, 9_002_326, PAGE);
    let daemon = [
        ("grant_type", "client_credentials"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = ask(&emulator, Some(PAGE), &daemon).await;
    assert_refused(&answer, 9_002_326, "");
    // Its page signs in and refreshes without the secret.
    let changes = [SPA_REDIRECT];
    let picked = Browser::new(&emulator).pick(NORTHWIND, &changes, ADA).await;
    let code = picked.response()["code"].clone();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", WEBAPP),
        SPA_REDIRECT,
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let tokens = ask(&emulator, Some(PAGE), &fields).await;
    assert_eq!((tokens.status, tokens.header(ALLOWED)), (200, PAGE));
    let tokens = tokens.json();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(ask(&emulator, Some(PAGE), &fields).await.status, 200);
}

#[actix_web::test]
async fn w34_what_names_no_single_page_application_is_read_by_no_page() {
    let emulator = Emulator::builder().start().unwrap();
    let cases: [&[(&str, &str)]; 5] = [
        &[],
        &[("grant_type", "refresh_token")],
        &[("grant_type", "refresh_token"), ("client_id", "unknown")],
        &[("grant_type", "password"), ("client_id", SPA)],
        &[
            ("grant_type", "client_credentials"),
            ("client_id", MULTI),
            ("client_secret", "emulator~secret~multi-tenant"),
        ],
    ];
    for fields in cases {
        let answer = ask(&emulator, Some(PAGE), fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        assert_eq!(answer.header(ALLOWED), "", "{fields:?}");
    }
}

#[actix_web::test]
async fn w34_a_preflight_allows_origins_of_single_page_applications_only() {
    let emulator = Emulator::builder().start().unwrap();
    let preflight = async |origin: Option<&str>| {
        let mut request = client()
            .options(url(&emulator))
            .insert_header(("Access-Control-Request-Method", "POST"))
            .insert_header(("Access-Control-Request-Headers", "x-client-sku"));
        if let Some(origin) = origin {
            request = request.insert_header(("Origin", origin));
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers().get("vary").unwrap(), "Origin");
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        (header(ALLOWED), header("access-control-allow-headers"))
    };
    for origin in STRANGERS.into_iter().map(Some).chain([None]) {
        assert_eq!(preflight(origin).await, (None, None), "{origin:?}");
    }
    let allowed = (Some(PAGE.to_owned()), Some("x-client-sku".to_owned()));
    assert_eq!(preflight(Some(PAGE)).await, allowed);
}
