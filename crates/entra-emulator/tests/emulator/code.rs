//! The authorization-code grant: what a code is bound to.

use entra_emulator::Emulator;

use crate::support::{
    ADA, Browser, Changes, MULTI, NORTHWIND, REDIRECT, VERIFIER, WEBAPP, WEBAPP_SECRET, answer,
    basic, client, parts, redeem, token, tokens,
};

#[actix_web::test]
async fn accepts_a_code_once() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(ADA).await;
    assert_eq!(redeem(&emulator, &code, &[]).await.status, 200);
    assert_eq!(
        redeem(&emulator, &code, &[]).await.error(),
        (400, "invalid_grant".to_owned(), 54_005)
    );
    assert_eq!(emulator.control().counters().replayed_codes, 1);
}

#[actix_web::test]
async fn accepts_a_code_for_ten_minutes() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(ADA).await;
    emulator.control().set_clock_offset(601);
    assert_eq!(
        redeem(&emulator, &code, &[]).await.error(),
        (400, "invalid_grant".to_owned(), 70_008)
    );
}

#[actix_web::test]
async fn refuses_a_code_with_any_other_parameter() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(ADA).await;
    let cases: [(Changes<'_>, (u16, &str, u64)); 11] = [
        (
            &[(
                "code_verifier",
                "another-code-verifier-of-forty-three-characters-or-more",
            )],
            (400, "invalid_grant", 501_481),
        ),
        (&[("code_verifier", "")], (400, "invalid_request", 900_144)),
        (
            &[("code_verifier", "short")],
            (400, "invalid_request", 501_491),
        ),
        (
            &[("redirect_uri", "http://localhost:5000/auth/post_sign_out")],
            (400, "invalid_grant", 50_011),
        ),
        (
            &[
                ("client_id", MULTI),
                ("client_secret", "emulator~secret~multi-tenant"),
            ],
            (400, "invalid_grant", 70_000),
        ),
        (&[("code", "1.unknown")], (400, "invalid_grant", 70_000)),
        (
            &[("client_secret", "wrong")],
            (401, "invalid_client", 7_000_215),
        ),
        (
            &[("client_secret", "emulator~expired~secret")],
            (401, "invalid_client", 7_000_222),
        ),
        (&[("client_secret", "")], (401, "invalid_client", 7_000_218)),
        (
            &[("client_id", "ffffffff-0000-4000-8000-000000000000")],
            (400, "unauthorized_client", 700_016),
        ),
        (
            &[("grant_type", "password")],
            (400, "unsupported_grant_type", 70_003),
        ),
    ];
    for (changes, (status, error, number)) in cases {
        let answer = redeem(&emulator, &code, changes).await;
        assert_eq!(
            answer.error(),
            (status, error.to_owned(), number),
            "{changes:?}"
        );
        let body = answer.json();
        for name in [
            "error_description",
            "timestamp",
            "trace_id",
            "correlation_id",
        ] {
            assert!(body[name].is_string(), "{name}");
        }
        assert_eq!(answer.header("x-ms-request-id"), body["trace_id"]);
        assert_eq!(
            body["timestamp"].as_str().unwrap().len(),
            "2026-01-31 09:00:00Z".len()
        );
    }
    assert_eq!(
        redeem(&emulator, &code, &[]).await.status,
        200,
        "no refusal has used it up"
    );
}

#[actix_web::test]
async fn refuses_a_code_of_another_tenant() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let changes = [("client_id", MULTI)];
    let code = browser.pick("common", &changes, ADA).await.response()["code"].clone();
    let fields = |tenant: &'static str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", MULTI),
            ("client_secret", "emulator~secret~multi-tenant"),
            ("redirect_uri", REDIRECT),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let emulator = &emulator;
        async move { token(emulator, tenant, &fields).await }
    };
    assert_eq!(fields(crate::support::FABRIKAM).await.error().2, 700_005);
    assert_eq!(fields("organizations").await.error().2, 700_005);
    assert_eq!(fields("common").await.status, 200);
}

#[actix_web::test]
async fn accepts_the_secret_by_basic_authentication_form_encoded() {
    let emulator = Emulator::builder().start().unwrap();
    let code = Browser::new(&emulator).code(ADA).await;
    let url = format!("{}{NORTHWIND}/oauth2/v2.0/token", emulator.url());
    let fields = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let send = |authorization: String| {
        let request = client()
            .post(&url)
            .insert_header(("Authorization", authorization));
        async move { answer(request.send_form(&fields).await.unwrap()).await }
    };
    assert_eq!(
        send(basic(WEBAPP, "wrong")).await.error(),
        (401, "invalid_client".to_owned(), 7_000_215)
    );
    assert_eq!(send("Basic !!".to_owned()).await.status, 401);
    assert_eq!(send(basic(WEBAPP, WEBAPP_SECRET)).await.status, 200);
    let call = emulator.control().take_calls().pop().unwrap();
    assert_eq!(
        call.header("authorization"),
        Some("Basic"),
        "the scheme only"
    );
    assert_eq!(
        (call.field("code"), call.secret("code")),
        (Some("[redacted]"), Some(code.as_str()))
    );
    assert!(!format!("{call:?}").contains(&code));
}

#[actix_web::test]
async fn refuses_methods_other_than_post() {
    let emulator = Emulator::builder().start().unwrap();
    let url = format!("{}{NORTHWIND}/oauth2/v2.0/token", emulator.url());
    let get = answer(client().get(&url).send().await.unwrap()).await;
    assert_eq!(get.error(), (400, "invalid_request".to_owned(), 900_561));
    let empty = answer(client().post(&url).send().await.unwrap()).await;
    assert_eq!(empty.error().2, 900_144);
    let unknown = token(
        &emulator,
        "nobody.example.test",
        &[("grant_type", "refresh_token")],
    )
    .await;
    assert_eq!(unknown.error(), (400, "invalid_tenant".to_owned(), 90_002));
}

#[actix_web::test]
async fn returns_the_callers_client_request_id_as_correlation_id() {
    let emulator = Emulator::builder().start().unwrap();
    let url = format!("{}{NORTHWIND}/oauth2/v2.0/token", emulator.url());
    let id = "12345678-1234-4234-8234-123456789012";
    let request = client().post(url).insert_header(("client-request-id", id));
    assert_eq!(
        answer(request.send().await.unwrap()).await.json()["correlation_id"],
        id
    );
}

#[actix_web::test]
async fn many_groups_become_the_overage_pointer() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, crate::support::OLGA).await;
    let (_, claims) = parts(body["id_token"].as_str().unwrap());
    assert!(claims.get("groups").is_none());
    assert_eq!(claims["_claim_names"]["groups"], "src1");
    assert!(
        claims["_claim_sources"]["src1"]["endpoint"]
            .as_str()
            .unwrap()
            .starts_with("https://graph.windows.net/")
    );
    assert_eq!(claims["roles"].as_array().unwrap().len(), 40);
}
