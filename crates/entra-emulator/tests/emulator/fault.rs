//! Faults of the transport and of the documents.

use std::time::{Duration, Instant};

use awc::error::SendRequestError;
use entra_emulator::{
    AuthorizeEdit, Effect, Emulator, Endpoint, Fault, KeyEdit, MemberEdit, Mutation,
};
use serde_json::json;

use crate::support::{ADA, Browser, NORTHWIND, answer, client, get, parts, redeem, tokens};

fn discovery(emulator: &Emulator) -> String {
    format!(
        "{}{NORTHWIND}/v2.0/.well-known/openid-configuration",
        emulator.url()
    )
}

#[actix_web::test]
async fn replaces_answers_until_the_fault_ends() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let ask = || async {
        get(
            &emulator,
            &format!("{NORTHWIND}/v2.0/.well-known/openid-configuration"),
        )
        .await
    };
    for status in [204, 500, 503] {
        faults.set(Fault::status(Endpoint::Discovery, status).once());
        let answer = ask().await;
        assert_eq!((answer.status, answer.text.as_str()), (status, ""));
    }
    faults.set(Fault::html(Endpoint::Discovery, 502).once());
    assert!(ask().await.text.contains("<h1>"));
    faults.set(Fault::throttled(Endpoint::Discovery, "99999999").once());
    let throttled = ask().await;
    assert_eq!(
        (
            throttled.status,
            throttled.header("retry-after"),
            throttled.header("content-type")
        ),
        (429, "99999999", "text/plain")
    );
    faults.set(Fault::redirect(Endpoint::Discovery, 307, "http://127.0.0.1:9/evil").once());
    assert_eq!(ask().await.header("location"), "http://127.0.0.1:9/evil");
    faults.set(Fault::body(Endpoint::Discovery, "[1,2]\0").once());
    assert_eq!(ask().await.text, "[1,2]\0");
    faults.set(Fault::huge(Endpoint::Discovery, 10_000_000).once());
    assert!(ask().await.text.len() > 10_000_000);
    faults.set(Fault::deep(Endpoint::Discovery, 100_000).once());
    assert_eq!(ask().await.text.len(), 200_000);
    faults.set(Fault::gzip_bomb(Endpoint::Discovery, 1 << 24).once());
    let bomb = ask().await;
    assert!(bomb.header("content-encoding") == "gzip" && bomb.text.len() < 400_000);
    assert_eq!(ask().await.status, 200, "each struck once");
    assert!(faults.list().is_empty());
}

#[actix_web::test]
async fn delays_hangs_and_drips() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let before = Instant::now();
    faults.set(Fault::delay(Endpoint::Discovery, 300).once());
    assert_eq!(
        get(&emulator, "common/v2.0/.well-known/openid-configuration")
            .await
            .status,
        200
    );
    assert!(before.elapsed() >= Duration::from_millis(300));
    faults.set(Fault::hang(Endpoint::Discovery).once());
    let hung = client()
        .get(discovery(&emulator))
        .timeout(Duration::from_millis(300))
        .send()
        .await;
    assert!(matches!(hung, Err(SendRequestError::Timeout)));
    faults.set(Fault::new(Endpoint::Discovery, Effect::Drip(1_000)).once());
    let dripping = client().get(discovery(&emulator)).send().await.unwrap();
    let body = dripping.timeout(Duration::from_millis(500)).body().await;
    assert!(body.is_err(), "headers at once, the body by drops");
}

/// Sends a request and reads the connection to its end.
fn raw(emulator: &Emulator) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
    let path = "/common/v2.0/.well-known/openid-configuration";
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    text
}

#[test]
fn a_closed_connection_and_a_cut_body() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let whole = raw(&emulator);
    assert!(whole.ends_with('}'));
    faults.set(Fault::close(Endpoint::Discovery).once());
    assert_eq!(raw(&emulator), "", "no answer at all");
    faults.set(Fault::cut(Endpoint::Discovery).once());
    let cut = raw(&emulator);
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let (_, whole_body) = whole.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_lowercase()
            .contains(&format!("content-length: {}", whole_body.len())),
        "{head}"
    );
    assert_eq!(body.len(), whole_body.len() / 2);
    assert!(raw(&emulator).ends_with('}'));
}

#[actix_web::test]
async fn documents_are_changed_member_by_member() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    faults.set(Fault::metadata("issuer", "https://evil.example.test/"));
    faults.set(Fault::metadata_without("jwks_uri"));
    faults.set(Fault::document(
        Endpoint::Discovery,
        MemberEdit::Append("token_endpoint".into(), "\"x\"".into()),
    ));
    let answer = get(&emulator, "common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(answer.json()["issuer"], "https://evil.example.test/");
    assert!(answer.json().get("jwks_uri").is_none());
    assert_eq!(answer.text.matches("\"token_endpoint\":").count(), 2);
    faults.clear();
    faults.set(Fault::token_answer("expires_in", "soon"));
    faults.set(Fault::token_answer("token_type", "mac"));
    faults.set(Fault::token_answer_without("id_token"));
    faults.set(Fault::new(
        Endpoint::Token,
        Effect::Wrapping {
            status: 201,
            content_type: Some("text/plain".into()),
        },
    ));
    let code = Browser::new(&emulator).code(ADA).await;
    let answer = redeem(&emulator, &code, &[]).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (201, "text/plain")
    );
    let body = answer.json();
    assert_eq!(
        (&body["expires_in"], &body["token_type"]),
        (&json!("soon"), &json!("mac"))
    );
    assert!(body.get("id_token").is_none());
}

#[actix_web::test]
async fn key_sets_are_wrong_as_named() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let signing = control.signing_kid();
    let with = |edit: KeyEdit| {
        control.faults().set(Fault::keys(edit).once());
        let emulator = &emulator;
        async move {
            get(emulator, "common/discovery/v2.0/keys").await.json()["keys"]
                .as_array()
                .unwrap()
                .clone()
        }
    };
    assert!(with(KeyEdit::Empty).await.is_empty());
    assert!(
        with(KeyEdit::WithoutSigningKey)
            .await
            .iter()
            .all(|key| key["kid"] != signing)
    );
    assert_eq!(with(KeyEdit::OnlySigningKey).await.len(), 1);
    let entry = MemberEdit::Set("issuer".into(), json!("https://elsewhere.example.test"));
    assert!(
        with(KeyEdit::EachEntry(entry))
            .await
            .iter()
            .all(|key| key["issuer"] == "https://elsewhere.example.test")
    );
    let keys = with(KeyEdit::SigningEntry(MemberEdit::Set(
        "use".into(),
        json!("enc"),
    )))
    .await;
    assert_eq!(keys.iter().filter(|key| key["use"] == "enc").count(), 1);
    assert_eq!(
        with(KeyEdit::AddFirst("{\"kty\":5}".into())).await[0],
        json!({ "kty": 5 })
    );
    assert_eq!(
        with(KeyEdit::Add("\"no key\"".into()))
            .await
            .last()
            .unwrap(),
        "no key"
    );
    assert_eq!(
        with(KeyEdit::DuplicateKid)
            .await
            .iter()
            .filter(|key| key["kid"] == signing)
            .count(),
        2
    );
    assert_eq!(
        with(KeyEdit::SymmetricKey("secret".into())).await[0]["kty"],
        "oct"
    );
    assert!(
        with(KeyEdit::ShortModulus(1_024))
            .await
            .iter()
            .any(|key| key["n"].as_str().unwrap().len() == 171)
    );
    assert_eq!(
        with(KeyEdit::ExponentOne)
            .await
            .iter()
            .filter(|key| key["e"] == "AQ")
            .count(),
        1
    );
    assert_eq!(with(KeyEdit::Many(10_000)).await.len(), 10_002);
}

#[actix_web::test]
async fn authorization_responses_are_wrong_as_named() {
    let emulator = Emulator::builder().start().unwrap();
    let faults = emulator.control().faults();
    let browser = Browser::new(&emulator);
    browser.code(ADA).await;
    let with = |edit: AuthorizeEdit| {
        faults.set(Fault::authorization_response(edit).once());
        let browser = &browser;
        async move { browser.authorize(&[]).await.location() }
    };
    let count =
        |url: &url::Url, name: &str| url.query_pairs().filter(|(known, _)| known == name).count();
    let value = |url: &url::Url, name: &str| {
        url.query_pairs()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(
        value(
            &with(AuthorizeEdit::Set("state".into(), "wrong".into())).await,
            "state"
        ),
        "wrong"
    );
    assert_eq!(
        count(&with(AuthorizeEdit::Remove("state".into())).await, "state"),
        0
    );
    assert_eq!(
        count(&with(AuthorizeEdit::Repeat("code".into())).await, "code"),
        2
    );
    let both = with(AuthorizeEdit::Append(
        "error".into(),
        "access_denied".into(),
    ))
    .await;
    assert_eq!((count(&both, "error"), count(&both, "code")), (1, 1));
    assert!(
        value(
            &with(AuthorizeEdit::Grow("code".into(), 30_000)).await,
            "code"
        )
        .len()
            > 30_000
    );
    let issuer = value(&with(AuthorizeEdit::AddIssuer).await, "iss");
    assert_eq!(issuer, format!("{}{NORTHWIND}/v2.0", emulator.url()));
}

#[actix_web::test]
async fn sets_the_clock() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().set_clock_offset(-7_200);
    let body = tokens(&emulator, ADA).await;
    let (_, claims) = parts(body["id_token"].as_str().unwrap());
    assert_eq!(
        claims["iat"].as_i64().unwrap() / 100,
        emulator.control().now() / 100
    );
    emulator.control().set_clock_offset(0);
    assert!(claims["exp"].as_i64().unwrap() < emulator.control().now());
}

#[actix_web::test]
async fn an_access_token_for_an_api_can_be_wrong_too() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .faults()
        .access_token(Mutation::flipped_signature());
    let body = tokens(&emulator, ADA).await;
    let request = client()
        .get(format!("{}v1.0/me", emulator.url()))
        .bearer_auth(body["access_token"].as_str().unwrap());
    assert_eq!(answer(request.send().await.unwrap()).await.status, 401);
}
