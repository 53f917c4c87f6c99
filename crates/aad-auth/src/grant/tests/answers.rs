//! Answers with status 200 that are no token responses, and those that are.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{GOOD, client, code, endpoint, redeem, refresh};
use crate::{
    clock::{ManualClock, Timestamp},
    config::ClientAuth,
    grant::{BrokenAnswer, GrantError},
    provider::ProviderClock,
    secret::ExposeSecret,
    transport::{
        TransportError,
        test_server::{TestServer, answer, json},
    },
};

/// What comes of an answer; its error must not quote the provider in any form.
async fn failure(reply: Vec<u8>) -> GrantError {
    let server = TestServer::answering(reply);
    let error = redeem(&server).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(server.requests().len(), 1, "the code was sent once");
    error
}

async fn failure_with(body: &str) -> GrantError {
    failure(json("200 OK", body)).await
}

#[actix_web::test]
async fn w50_the_providers_clock_is_measured_by_tokens_and_refusals_alike() {
    let refused = r#"{"error":"invalid_grant"}"#;
    for (status, body, date, skew) in [
        (
            "200 OK",
            GOOD,
            "Date: Fri, 15 Jan 2027 08:03:00 GMT\r\n",
            true,
        ),
        (
            "400 Bad Request",
            refused,
            "Date: Fri, 15 Jan 2027 08:03:00 GMT\r\n",
            true,
        ),
        ("200 OK", GOOD, "Date: yesterday\r\n", false),
        ("200 OK", GOOD, "Date: \r\n", false),
        ("200 OK", GOOD, "", false),
        (
            "503 Service Unavailable",
            "",
            "Date: Fri, 15 Jan 2027 08:03:00 GMT\r\n",
            false,
        ),
    ] {
        let head = format!("{status}\r\n{date}Content-Type: application/json");
        let server = TestServer::answering(answer(&head, body));
        // 2027-01-15T08:00:00Z
        let ours = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
        let clock = ProviderClock::new(Arc::new(ours));
        let client = client(&["canary-secret"], Some(ClientAuth::SecretPost));
        let client = client.with_provider_clock(clock.clone());
        let _any = client.redeem(&endpoint(&server), &code()).await;
        let measured = clock.skew();
        assert_eq!(measured.is_some(), skew, "{head}: {measured:?}");
        assert!(
            measured.is_none_or(|skew| (180..200).contains(&skew)),
            "{measured:?}"
        );
    }
}

#[actix_web::test]
async fn what_is_no_json_object_is_refused() {
    for body in [
        "null",
        "[]",
        "\"canary\"",
        "{",
        "canary",
        "\0",
        "[{}]",
        "{\"a\":1}}",
        r#"["canary","Bearer",3600,null,null,"canary.id.token",null]"#,
    ] {
        let error = failure_with(body).await;
        assert!(matches!(error, GrantError::Broken(_)), "{body}: {error:?}");
    }
    assert_eq!(
        failure_with("").await,
        GrantError::Broken(BrokenAnswer::Empty)
    );
}

#[actix_web::test]
async fn bottomless_json_is_refused() {
    let body = format!(r#"{{"access_token":{}"#, "[".repeat(100_000));
    let error = failure_with(&body).await;
    assert!(matches!(error, GrantError::Broken(_)), "{error:?}");
    let ignored = format!(r#"{{"extra":{}"#, "[".repeat(100_000));
    assert!(matches!(
        failure_with(&ignored).await,
        GrantError::Broken(_)
    ));
}

#[actix_web::test]
async fn another_media_type_is_refused() {
    for media_type in [
        "text/plain",
        "text/html",
        "application/jsonp",
        "application/jwt",
        "",
    ] {
        let head = format!("200 OK\r\nContent-Type: {media_type}");
        assert_eq!(
            failure(answer(&head, GOOD)).await,
            GrantError::Broken(BrokenAnswer::MediaType),
            "{media_type}"
        );
    }
    assert_eq!(
        failure(answer("200 OK", GOOD)).await,
        GrantError::Broken(BrokenAnswer::MediaType)
    );
}

#[actix_web::test]
async fn an_error_with_status_200_is_refused_even_beside_tokens() {
    let plain = failure_with(r#"{"error":"invalid_grant","error_description":"canary"}"#).await;
    let mixed = failure_with(&GOOD.replacen('{', r#"{"error":"access_denied","#, 1)).await;
    for (error, word) in [(plain, "invalid_grant"), (mixed, "access_denied")] {
        let GrantError::Refused(fault) = error else {
            panic!("{error:?}");
        };
        assert_eq!(fault.error(), word);
    }
}

#[actix_web::test]
async fn other_success_statuses_are_refused() {
    for (reply, status) in [
        (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), 204),
        (json("201 Created", GOOD), 201),
        (json("202 Accepted", GOOD), 202),
    ] {
        assert_eq!(
            failure(reply).await,
            GrantError::Broken(BrokenAnswer::Status(status))
        );
    }
}

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

/// What Azure AD B2C, Okta, Twitch and others leave out, or write in another form.
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
async fn a_huge_answer_is_refused() {
    let body = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(10_000_000));
    assert_eq!(
        failure_with(&body).await,
        GrantError::Broken(BrokenAnswer::Transport(TransportError::TooLarge))
    );
    let long = GOOD.replacen("canary-at", &"a".repeat(500_000), 1);
    assert_eq!(
        failure_with(&long).await,
        GrantError::Broken(BrokenAnswer::Member("access_token"))
    );
}

#[actix_web::test]
async fn a_compressed_answer_is_refused_without_unpacking_it() {
    let head = "200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip";
    assert_eq!(
        failure(answer(head, "\x1f")).await,
        GrantError::Broken(BrokenAnswer::Transport(TransportError::Broken))
    );
}

#[actix_web::test]
async fn a_cut_chunked_answer_is_refused() {
    let (start, _) = GOOD.split_at(60);
    let chunk = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{start}\r\n",
        start.len()
    );
    let server = TestServer::start(move |_, stream| {
        stream.write_all(chunk.as_bytes())?;
        Ok(false)
    });
    let error = redeem(&server).await.unwrap_err();
    assert!(matches!(error, GrantError::Broken(_)), "{error:?}");
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

#[actix_web::test]
async fn r44_a_byte_order_mark_before_an_answer_or_error_is_skipped() {
    let marked = format!("\u{feff}{GOOD}");
    let server = TestServer::answering(json("200 OK", &marked));
    let response = redeem(&server).await.unwrap();
    assert_eq!(response.access_token.unwrap().expose_secret(), "canary-at");
    let error = failure(json("400 Bad", "\u{feff}{\"error\":\"invalid_grant\"}")).await;
    assert!(matches!(error, GrantError::Refused(_)), "{error:?}");
    for body in ["\u{feff}", "\u{feff}\u{feff}{}", "\u{feff}[]"] {
        let error = failure_with(body).await;
        assert!(matches!(error, GrantError::Broken(_)), "{body}: {error:?}");
    }
}
