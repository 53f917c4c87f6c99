//! Error answers, answers with `Retry-After`, and missing answers.

use std::time::{Duration, Instant};

use super::{GOOD, failure, redeem};
use crate::{
    config::ClientAuth,
    grant::{BrokenAnswer, GrantError, Unavailability},
    transport::{
        TransportError,
        test_server::{TestServer, answer, json},
    },
};

#[actix_web::test]
async fn a_server_error_of_any_shape_means_unavailable() {
    for (reply, status) in [
        (answer("500 Oops", "canary stack trace"), 500),
        (
            answer("502 Bad\r\nContent-Type: text/html", "<html>canary"),
            502,
        ),
        (answer("503 Busy", ""), 503),
        (json("504 Late", "[]"), 504),
    ] {
        assert_eq!(
            failure(reply).await,
            GrantError::Unavailable {
                cause: Unavailability::Status(status),
                retry_after: None
            }
        );
    }
}

#[actix_web::test]
async fn retry_after_is_passed_on_and_never_slept_for() {
    for (value, seconds) in [("4", 4), ("99999999", 3600)] {
        let start = Instant::now();
        let head = format!("429 Slow\r\nRetry-After: {value}");
        assert_eq!(
            failure(answer(&head, "canary")).await,
            GrantError::Unavailable {
                cause: Unavailability::Status(429),
                retry_after: Some(Duration::from_secs(seconds))
            }
        );
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[actix_web::test]
async fn a_transient_error_word_means_unavailable_whatever_the_status() {
    for status in ["400 Bad", "503 Busy"] {
        let body = r#"{"error":"temporarily_unavailable","error_codes":[90055]}"#;
        let error = failure(json(status, body)).await;
        let GrantError::Unavailable {
            cause: Unavailability::Fault(fault),
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert!(fault.has_code(90_055));
    }
}

/// Entra sends "wait" with an error code that otherwise ends the session.
#[actix_web::test]
async fn numbers_that_mean_wait_are_no_refusal_whatever_the_word() {
    for (code, seconds) in [
        (50_196, 300),
        (90_055, 30),
        (90_006, 30),
        (90_012, 30),
        (90_024, 30),
        (90_033, 30),
    ] {
        let body = format!(r#"{{"error":"invalid_grant","error_codes":[{code}]}}"#);
        let error = failure(json("400 Bad", &body)).await;
        let GrantError::Unavailable { retry_after, .. } = error else {
            panic!("{code}: {error:?}");
        };
        assert_eq!(retry_after, Some(Duration::from_secs(seconds)), "{code}");
        let asked = json("400 Bad\r\nRetry-After: 7", &body);
        let GrantError::Unavailable { retry_after, .. } = failure(asked).await else {
            panic!("{code}");
        };
        assert_eq!(retry_after, Some(Duration::from_secs(7)), "{code}");
    }
}

/// Keycloak sends `unauthorized_client` for a wrong secret. A proxy may send no error at all.
#[actix_web::test]
async fn any_401_of_the_token_endpoint_is_a_refused_credential() {
    for reply in [
        json("401 No", r#"{"error":"unauthorized_client"}"#),
        json("401 No", r#"{"error":"invalid_request"}"#),
        json("401 No", "{}"),
        answer("401 No", "<h1>canary</h1>"),
        answer("401 No", ""),
    ] {
        let GrantError::Refused(fault) = failure(reply).await else {
            panic!("a refusal");
        };
        assert!(fault.refuses_credential());
    }
}

#[actix_web::test]
async fn a_refusal_brings_entras_details_and_not_its_sentence() {
    let body = r#"{"error":"invalid_grant","error_codes":[50076],"suberror":"basic_action",
        "error_description":"AADSTS50076: canary@example.com must use MFA",
        "correlation_id":"2-b","claims":"{\"access_token\":{}}"}"#;
    let GrantError::Refused(fault) = failure(json("400 Bad", body)).await else {
        panic!("a refusal");
    };
    assert!(fault.needs_interaction() && fault.has_code(50_076));
    assert_eq!(fault.claims(), Some(r#"{"access_token":{}}"#));
    assert_eq!(fault.correlation_id(), Some("2-b"));
}

#[actix_web::test]
async fn a_client_error_without_an_error_body_is_broken() {
    for (head, status) in [
        ("400 Bad", 400),
        ("404 Gone\r\nContent-Type: text/html", 404),
    ] {
        assert_eq!(
            failure(answer(head, "<h1>canary</h1>")).await,
            GrantError::Broken(BrokenAnswer::Status(status))
        );
    }
}

#[actix_web::test]
async fn redirects_reach_nobody() {
    let evil = TestServer::answering(json("200 OK", GOOD));
    for status in [301, 302, 303, 307, 308] {
        let head = format!("{status} Moved\r\nLocation: {}", evil.url("/canary"));
        assert_eq!(
            failure(answer(&head, "")).await,
            GrantError::Broken(BrokenAnswer::Status(status))
        );
    }
    assert_eq!(evil.connections(), 0);
}

#[actix_web::test]
async fn r122_a_closed_connection_means_unavailable_and_the_next_request_works() {
    let server = TestServer::start(|number, stream| {
        if number == 1 {
            stream.write_all(&json("200 OK", GOOD))?;
        }
        Ok(false)
    });
    assert_eq!(
        redeem(&server).await.unwrap_err(),
        GrantError::Unavailable {
            cause: Unavailability::Transport(TransportError::Closed),
            retry_after: None
        }
    );
    assert!(redeem(&server).await.is_ok());
}

#[actix_web::test]
async fn no_connection_means_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = url::Url::parse(&format!("http://{free}/token")).unwrap();
    let endpoint = crate::grant::TokenEndpoint {
        url,
        auth_methods: Vec::new(),
    };
    let error = super::client(&["s"], Some(ClientAuth::SecretPost))
        .redeem(&endpoint, &super::code())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        GrantError::Unavailable {
            cause: Unavailability::Transport(TransportError::Unreachable),
            retry_after: None
        }
    );
}
