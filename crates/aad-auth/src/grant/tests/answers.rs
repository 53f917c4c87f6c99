//! Answers with status 200 that are no token responses, and those that are.

use std::sync::Arc;

use super::{GOOD, client, code, endpoint, failure, failure_with, redeem};
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
