//! The members of token responses.

use std::time::{Duration, Instant};

use super::{GOOD, client, code, endpoint, failure_with, redeem, refresh};
use crate::{
    config::ClientAuth,
    grant::{BrokenAnswer, GrantError},
    secret::ExposeSecret,
    transport::test_server::{TestServer, json},
};

#[actix_web::test]
async fn a_missing_or_impossible_member_is_named() {
    for (present, instead, member) in [
        (r#""canary-at""#, "5", "access_token"),
        (r#""canary-at""#, r#""canary\r\nX: y""#, "access_token"),
        (r#""canary-at""#, r#""canary \u00e4""#, "access_token"),
        (r#""token_type":"Bearer","#, "", "token_type"),
        (r#""Bearer""#, r#""mac""#, "token_type"),
        (r#""Bearer""#, r#""DPoP""#, "token_type"),
        (r#""Bearer""#, r#""""#, "token_type"),
        (r#""Bearer""#, "null", "token_type"),
        (r#""expires_in":3599"#, r#""expires_in":-1"#, "expires_in"),
        (
            r#""expires_in":3599"#,
            r#""expires_in":"canary""#,
            "expires_in",
        ),
        (r#""canary-rt""#, "[1]", "refresh_token"),
        (r#""canary.id.token""#, "null", "id_token"),
        (r#""canary.id.token""#, r#""""#, "id_token"),
        (r#""canary.id.token""#, r#"{"canary":1}"#, "id_token"),
        (r#""openid User.Read""#, "[\"canary\",5]", "scope"),
        (r#""openid User.Read""#, "{\"canary\":1}", "scope"),
        (r#""openid User.Read""#, r#"["canary \u00e4"]"#, "scope"),
    ] {
        assert!(GOOD.contains(present), "{present}");
        let error = failure_with(&GOOD.replacen(present, instead, 1)).await;
        assert_eq!(
            error,
            GrantError::Broken(BrokenAnswer::Member(member)),
            "{present} -> {instead}"
        );
    }
}

/// Azure AD B2C, Okta, Twitch and others omit these members, or send another form.
#[actix_web::test]
async fn optional_members_may_be_absent_null_or_empty_and_scopes_an_array() {
    for (present, instead) in [
        (r#""access_token":"canary-at","#, ""),
        (r#""canary-at""#, r#""""#),
        (r#""canary-at""#, "null"),
        (r#""canary-rt""#, r#""""#),
        (r#""canary-rt""#, "null"),
        (r#""expires_in":3599"#, r#""expires_in":null"#),
        (r#""expires_in":3599"#, r#""expires_in":"""#),
        (r#""openid User.Read""#, "null"),
        (r#""openid User.Read""#, r#""""#),
    ] {
        assert!(GOOD.contains(present), "{present}");
        let body = GOOD.replacen(present, instead, 1);
        let response = redeem(&TestServer::answering(json("200 OK", &body))).await;
        let response = response.unwrap_or_else(|error| panic!("{body}: {error}"));
        let full = response.access_token.is_some()
            && response.refresh_token.is_some()
            && response.scopes.is_some()
            && response.expires_in == Duration::from_secs(3599);
        assert!(!full, "{present} -> {instead} was read as something");
    }
    let scopes = GOOD.replacen(r#""openid User.Read""#, r#"["openid","User.Read"]"#, 1);
    let response = redeem(&TestServer::answering(json("200 OK", &scopes))).await;
    assert_eq!(response.unwrap().scopes.unwrap(), ["openid", "User.Read"]);
    // Without an access token nothing says what type it has.
    let bare = r#"{"id_token":"canary.id.token"}"#;
    let response = redeem(&TestServer::answering(json("200 OK", bare))).await;
    assert!(response.unwrap().access_token.is_none());
}

#[actix_web::test]
async fn an_answer_with_no_token_at_all_is_refused() {
    let server = TestServer::answering(json("200 OK", r#"{"token_type":"Bearer"}"#));
    let client = client(&["s"], Some(ClientAuth::SecretPost));
    let refreshed = client.refresh(&endpoint(&server), &refresh()).await;
    let member = GrantError::Broken(BrokenAnswer::Member("access_token"));
    assert_eq!(refreshed.unwrap_err(), member);
}

#[actix_web::test]
async fn a_member_that_stands_twice_is_refused() {
    let doubled = GOOD.replacen('{', r#"{"access_token":"canary-other","#, 1);
    assert!(matches!(
        failure_with(&doubled).await,
        GrantError::Broken(_)
    ));
}

#[actix_web::test]
async fn a_redemption_without_an_id_token_is_refused_but_a_refresh_is_complete() {
    let body = GOOD.replacen(r#""id_token":"canary.id.token","#, "", 1);
    assert_eq!(
        failure_with(&body).await,
        GrantError::Broken(BrokenAnswer::Member("id_token"))
    );
    let minimal = r#"{"access_token":"a","token_type":"BEARER"}"#;
    let server = TestServer::answering(json("200 OK", minimal));
    let client = client(&["s"], Some(ClientAuth::SecretPost));
    let response = client
        .refresh(&endpoint(&server), &refresh())
        .await
        .unwrap();
    assert!(response.refresh_token.is_none() && response.id_token.is_none());
    assert_eq!(response.expires_in, Duration::from_secs(600));
    assert_eq!(response.scopes, None);
}

#[actix_web::test]
async fn lifetimes_are_read_as_texts_and_capped() {
    for (sent, seconds) in [
        (r#""3600""#, 3600),
        ("1000000000000000000000000000000", 604_800),
        (r#""99999999999999999999999""#, 604_800),
        ("0", 0),
        ("3599.5", 3599),
    ] {
        let body = GOOD.replacen(":3599", &format!(":{sent}"), 1);
        let server = TestServer::answering(json("200 OK", &body));
        let response = redeem(&server).await.unwrap();
        assert_eq!(response.expires_in, Duration::from_secs(seconds), "{sent}");
        assert!(Instant::now().checked_add(response.expires_in).is_some());
    }
}

#[actix_web::test]
async fn a_token_response_is_read_and_shows_no_token() {
    let server = TestServer::answering(json("200 OK", GOOD));
    let response = redeem(&server).await.unwrap();
    assert_eq!(
        response.access_token.as_ref().unwrap().expose_secret(),
        "canary-at"
    );
    let text = |secret: Option<crate::secret::Secret>| secret.unwrap().expose_secret().to_owned();
    assert_eq!(text(response.id_token.clone()), "canary.id.token");
    assert_eq!(text(response.refresh_token.clone()), "canary-rt");
    assert_eq!(response.expires_in, Duration::from_secs(3599));
    assert_eq!(response.scopes.as_deref().unwrap(), ["openid", "User.Read"]);
    let shown = format!("{response:?} {:?} {:?}", code(), refresh());
    assert!(!shown.contains("canary"), "{shown}");
}
