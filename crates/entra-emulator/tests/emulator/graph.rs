//! Microsoft Graph (profile, photo, errors) and userinfo.

use entra_emulator::{Emulator, Endpoint, Fault, MemberEdit};
use serde_json::{Value, json};

use crate::support::{
    ADA, Answer, Browser, NORTHWIND, OLGA, REDIRECT, VERIFIER, WEBAPP, WEBAPP_SECRET, answer,
    client, get, parts, token, tokens, verifies,
};

pub(crate) async fn call(emulator: &Emulator, token: &str, path: &str) -> Answer {
    let request = client()
        .get(format!("{}{path}", emulator.url()))
        .bearer_auth(token);
    answer(request.send().await.unwrap()).await
}

pub(crate) async fn post(emulator: &Emulator, token: &str, path: &str, body: &Value) -> Answer {
    let request = client()
        .post(format!("{}v1.0/me/{path}", emulator.url()))
        .bearer_auth(token);
    answer(request.send_json(body).await.unwrap()).await
}

pub(crate) async fn access_token(emulator: &Emulator, user: &str, scope: &str) -> String {
    let code = Browser::new(emulator)
        .pick(NORTHWIND, &[("scope", scope)], user)
        .await
        .response()["code"]
        .clone();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("redirect_uri", REDIRECT),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    token(emulator, NORTHWIND, &fields).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[actix_web::test]
async fn me_answers_the_default_fields_and_the_selected_ones() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    let access = body["access_token"].as_str().unwrap();
    let me = call(&emulator, access, "v1.0/me").await.json();
    assert_eq!(
        (me["id"].as_str(), me["displayName"].as_str()),
        (Some(ADA), Some("Ada Admin"))
    );
    assert_eq!(me.as_object().unwrap().len(), 12);
    let some = call(
        &emulator,
        access,
        "v1.0/me?$select=department,accountEnabled",
    )
    .await
    .json();
    assert_eq!(
        (
            some["department"].as_str(),
            some["accountEnabled"].as_bool()
        ),
        (Some("Operations"), Some(true))
    );
    let unknown = call(&emulator, access, "v1.0/me?$select=shoeSize").await;
    assert_eq!(
        (unknown.status, unknown.json()["error"]["code"].as_str()),
        (400, Some("Request_BadRequest"))
    );
}

#[actix_web::test]
async fn only_graph_can_verify_a_graph_token() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    let access = body["access_token"].as_str().unwrap();
    let keys = get(&emulator, &format!("{NORTHWIND}/discovery/v2.0/keys"))
        .await
        .json();
    assert!(parts(access).0["nonce"].is_string());
    assert!(!verifies(access, &keys), "by design");
    let id_token = body["id_token"].as_str().unwrap();
    let forged = format!("{access}x");
    for bad in [id_token, forged.as_str(), "", "a.b.c"] {
        let refused = call(&emulator, bad, "v1.0/me").await;
        assert_eq!(
            (refused.status, refused.json()["error"]["code"].as_str()),
            (401, Some("InvalidAuthenticationToken"))
        );
        assert!(
            refused
                .header("www-authenticate")
                .starts_with("Bearer realm=\"\", authorization_uri=")
        );
    }
    emulator.control().revoke_sessions(ADA).unwrap();
    assert_eq!(call(&emulator, access, "v1.0/me").await.status, 401);
}

#[actix_web::test]
async fn an_expired_token_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    emulator.control().set_clock_offset(2 * 3600);
    assert_eq!(
        call(&emulator, body["access_token"].as_str().unwrap(), "v1.0/me")
            .await
            .status,
        401
    );
}

#[actix_web::test]
async fn a_photo_is_a_picture_or_not_found() {
    let emulator = Emulator::builder().start().unwrap();
    let ada = access_token(&emulator, ADA, "openid User.Read").await;
    let request = client()
        .get(format!("{}v1.0/me/photo/$value", emulator.url()))
        .bearer_auth(&ada);
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers().get("content-type").unwrap(), "image/png");
    assert!(
        response
            .body()
            .await
            .unwrap()
            .starts_with(b"\x89PNG\r\n\x1a\n")
    );
    let olga = access_token(&emulator, OLGA, "openid User.Read").await;
    let none = call(&emulator, &olga, "v1.0/me/photo/$value").await;
    assert_eq!(
        (none.status, none.json()["error"]["code"].as_str()),
        (404, Some("ImageNotFound"))
    );
    assert_eq!(
        call(&emulator, &olga, "v1.0/users/ada@northwind.example.test")
            .await
            .status,
        403
    );
}

#[actix_web::test]
async fn userinfo_has_the_subject_of_the_id_token() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    let info = call(
        &emulator,
        body["access_token"].as_str().unwrap(),
        "oidc/userinfo",
    )
    .await
    .json();
    assert_eq!(
        info["sub"],
        parts(body["id_token"].as_str().unwrap()).1["sub"]
    );
    assert_eq!(info["email"], "ada@northwind.example.test");
    assert_eq!(call(&emulator, "", "oidc/userinfo").await.status, 401);
}

#[actix_web::test]
async fn faults_affect_graph() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    emulator
        .control()
        .faults()
        .set(Fault::throttled(Endpoint::Graph, "2").once());
    let answer = call(&emulator, body["access_token"].as_str().unwrap(), "v1.0/me").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    assert_eq!(
        call(&emulator, body["access_token"].as_str().unwrap(), "v1.0/me")
            .await
            .status,
        200
    );
    let other = MemberEdit::Set("id".into(), json!("another-user"));
    emulator
        .control()
        .faults()
        .set(Fault::document(Endpoint::Graph, other).once());
    let me = call(&emulator, body["access_token"].as_str().unwrap(), "v1.0/me")
        .await
        .json();
    assert_eq!(me["id"], "another-user");
    assert_eq!(emulator.control().count_calls(Endpoint::Graph), 3);
}
