//! An ordinary sign-in: account page, code, tokens, Graph.

use entra_emulator::Emulator;

use crate::support::{
    ADA, Browser, NONCE, NORTHWIND, WEBAPP, get, parts, redeem, tokens, verifies,
};

#[actix_web::test]
async fn signs_in_a_picked_user_and_issues_tokens() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    let answer = browser.pick(NORTHWIND, &[], ADA).await;
    assert_eq!(answer.status, 302);
    assert!(
        answer.header("location").ends_with('#'),
        "the empty fragment stops the old one"
    );
    let response = answer.response();
    assert_eq!(response["state"], "the-state");
    assert!(response["code"].len() > 1_000, "real codes are long");
    assert_eq!(response["session_state"].len(), 36);

    let answer = redeem(&emulator, &response["code"], &[("client_info", "1")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store, no-cache");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert_eq!(answer.header("x-ms-request-id").len(), 36);
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert!((3_600..5_400).contains(&body["expires_in"].as_i64().unwrap()));
    assert!(body["refresh_token"].as_str().unwrap().len() > 1_000);
    assert!(body["scope"].as_str().unwrap().contains("User.Read"));
    assert!(body["client_info"].is_string());

    let id_token = body["id_token"].as_str().unwrap();
    let keys = get(&emulator, &format!("{NORTHWIND}/discovery/v2.0/keys"))
        .await
        .json();
    assert!(verifies(id_token, &keys));
    let (header, claims) = parts(id_token);
    assert_eq!(
        (header["typ"].as_str(), header["alg"].as_str()),
        (Some("JWT"), Some("RS256"))
    );
    assert!(header.get("x5t").is_none(), "v2 tokens have none");
    assert_eq!(claims["iss"], format!("{}{NORTHWIND}/v2.0", emulator.url()));
    assert_eq!(
        (claims["aud"].as_str(), claims["nonce"].as_str()),
        (Some(WEBAPP), Some(NONCE))
    );
    assert_eq!(
        (
            claims["ver"].as_str(),
            claims["tid"].as_str(),
            claims["oid"].as_str()
        ),
        (Some("2.0"), Some(NORTHWIND), Some(ADA))
    );
    assert_eq!(claims["roles"], serde_json::json!(["Admin"]));
    assert_eq!(claims["sid"], response["session_state"]);
    for name in [
        "aio",
        "rh",
        "uti",
        "sub",
        "login_hint",
        "name",
        "preferred_username",
        "email",
        "auth_time",
    ] {
        assert!(claims.get(name).is_some(), "{name}");
    }
    assert_ne!(claims["sub"], claims["oid"]);
    assert_eq!(
        claims["groups"].as_array().unwrap().len(),
        2,
        "nested membership counts, directory roles do not"
    );
    assert!(claims["wids"].is_array());
}

#[actix_web::test]
async fn the_subject_differs_by_application() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let subject = |client: &str| {
        let token = control
            .mint()
            .id_token(ADA, client, NONCE)
            .unwrap()
            .sign()
            .unwrap();
        parts(&token).1["sub"].clone()
    };
    let first = tokens(&emulator, ADA).await;
    let (_, claims) = parts(first["id_token"].as_str().unwrap());
    assert_eq!(claims["sub"], subject(WEBAPP));
    assert_ne!(claims["sub"], subject(crate::support::MULTI));
}

#[actix_web::test]
async fn a_seed_repeats_identifiers() {
    let id = || async {
        let emulator = Emulator::builder().seed(42).start().unwrap();
        Browser::new(&emulator)
            .pick(NORTHWIND, &[], ADA)
            .await
            .response()["code"]
            .clone()
    };
    assert_eq!(id().await, id().await);
}

#[test]
fn emulators_of_one_process_share_their_keys_so_that_starting_is_quick() {
    let kid = || Emulator::builder().start().unwrap().control().signing_kid();
    assert_eq!(kid(), kid());
    let folder = tempfile::tempdir().unwrap();
    let own = Emulator::builder()
        .state_dir(folder.path())
        .start()
        .unwrap();
    assert_ne!(own.control().signing_kid(), kid());
}
