//! Faults of documents, keys, authorization responses and tokens.

use entra_emulator::{
    AuthorizeEdit, Effect, Emulator, Endpoint, Fault, KeyEdit, MemberEdit, Mutation,
};
use serde_json::json;

use crate::support::{ADA, Browser, NORTHWIND, answer, client, get, parts, redeem, tokens};

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
