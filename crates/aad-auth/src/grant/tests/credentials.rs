//! Rotation of secrets: after a refusal the next one is tried, each at most once.

use super::{GOOD, client, code, endpoint, field, form, refresh};
use crate::{
    client_auth::{ClientCredential, CredentialError},
    config::ClientAuth,
    grant::{GrantError, TokenClient},
    provider::ClientAuthMethod,
    transport::{
        Transport, TransportSettings,
        test_server::{TestServer, json},
    },
};

pub(super) const POST: Option<ClientAuth> = Some(ClientAuth::SecretPost);

/// Refuses the first `refused` requests with this status and body. Then accepts.
pub(super) fn refusing(refused: usize, status: &'static str, body: &'static str) -> TestServer {
    TestServer::start(move |number, stream| {
        let reply = if number < refused {
            json(status, body)
        } else {
            json("200 OK", GOOD)
        };
        stream.write_all(&reply).map(|()| true)
    })
}

fn secrets_sent(server: &TestServer) -> Vec<String> {
    let secret = |request: &String| field(&form(request), "client_secret").unwrap().to_owned();
    server.requests().iter().map(secret).collect()
}

#[actix_web::test]
async fn each_secret_is_tried_once_and_the_first_refusal_is_reported() {
    let body = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
    let server = refusing(usize::MAX, "401 No", body);
    let error = client(&["a", "b", "c"], POST)
        .redeem(&endpoint(&server), &code())
        .await
        .unwrap_err();
    let GrantError::Refused(fault) = error else {
        panic!("{error:?}");
    };
    assert!(fault.has_code(7_000_222));
    assert_eq!(secrets_sent(&server), ["a", "b", "c"]);
}

#[actix_web::test]
async fn another_refusal_does_not_cost_a_second_request() {
    for body in [
        r#"{"error":"invalid_grant","error_codes":[54005]}"#,
        r#"{"error":"unauthorized_client","error_codes":[700016]}"#,
        r#"{"error":"invalid_request"}"#,
    ] {
        let server = refusing(usize::MAX, "400 Bad", body);
        let error = client(&["a", "b"], POST)
            .redeem(&endpoint(&server), &code())
            .await
            .unwrap_err();
        assert!(matches!(error, GrantError::Refused(_)), "{error:?}");
        assert_eq!(server.requests().len(), 1, "{body}");
    }
}

#[actix_web::test]
async fn an_unavailable_provider_does_not_cost_a_second_request() {
    let server = refusing(usize::MAX, "503 Busy", r#"{"error":"invalid_client"}"#);
    let error = client(&["a", "b"], POST)
        .redeem(&endpoint(&server), &code())
        .await
        .unwrap_err();
    assert!(matches!(error, GrantError::Unavailable { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[actix_web::test]
async fn a_provider_that_takes_no_secret_is_not_asked() {
    let server = refusing(0, "", "");
    let mut endpoint = endpoint(&server);
    endpoint.auth_methods = vec![ClientAuthMethod::PrivateKeyJwt];
    let error = client(&["a"], None)
        .redeem(&endpoint, &code())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        GrantError::Credential(CredentialError::NoCommonMethod)
    );
    assert_eq!(server.connections(), 0);
}

#[actix_web::test]
async fn the_accepted_secret_comes_first_from_then_on() {
    for body in [
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_request","error_codes":[7000215]}"#,
        r#"{"error":"unauthorized_client"}"#,
        "<h1>Unauthorized</h1>",
    ] {
        let server = refusing(1, "401 No", body);
        let client = client(&["old", "new"], POST);
        let endpoint = endpoint(&server);
        assert!(client.redeem(&endpoint, &code()).await.is_ok());
        assert!(client.clone().refresh(&endpoint, &refresh()).await.is_ok());
        assert_eq!(secrets_sent(&server), ["old", "new", "new"]);
    }
}

#[actix_web::test]
async fn a_refused_grant_shows_that_the_secret_was_accepted() {
    let server = TestServer::start(|number, stream| {
        let reply = match number {
            0 => json("401 No", r#"{"error":"invalid_client"}"#),
            1 => json("400 Bad", r#"{"error":"invalid_grant"}"#),
            _ => json("200 OK", GOOD),
        };
        stream.write_all(&reply).map(|()| true)
    });
    let client = client(&["old", "new"], POST);
    let endpoint = endpoint(&server);
    assert!(client.redeem(&endpoint, &code()).await.is_err());
    assert!(client.redeem(&endpoint, &code()).await.is_ok());
    assert_eq!(secrets_sent(&server), ["old", "new", "new"]);
}

#[actix_web::test]
async fn refusal_of_every_secret_shows_until_one_is_accepted() {
    let server = refusing(2, "401 No", r#"{"error":"invalid_client"}"#);
    let secrets = ["a", "b"].map(crate::secret::Secret::from);
    let credential = ClientCredential::secrets(secrets, POST).unwrap();
    let transport = Transport::new(TransportSettings::default()).unwrap();
    let client = TokenClient::new(transport, "id", credential.clone());
    let endpoint = endpoint(&server);
    assert!(!credential.is_refused());
    assert!(client.redeem(&endpoint, &code()).await.is_err());
    assert!(credential.is_refused());
    assert!(client.redeem(&endpoint, &code()).await.is_ok());
    assert!(!credential.is_refused());
}

/// Keycloak before 17 answers 400 `unauthorized_client`, Slack 200 with its own error code.
#[actix_web::test]
async fn r43_the_next_secret_is_tried_whatever_the_provider_calls_a_wrong_one() {
    for (status, body) in [
        ("400 Bad", r#"{"error":"unauthorized_client"}"#),
        ("200 OK", r#"{"ok":false,"error":"bad_client_secret"}"#),
        ("400 Bad", r#"{"error":"invalid_client_id"}"#),
    ] {
        let server = refusing(1, status, body);
        let client = client(&["old", "new"], POST);
        assert!(client.redeem(&endpoint(&server), &code()).await.is_ok());
        assert_eq!(secrets_sent(&server), ["old", "new"], "{body}");
    }
}

#[actix_web::test]
async fn r43_a_revocation_tries_the_next_secret_after_any_401() {
    for body in [r#"{"error":"unauthorized_client"}"#, "{}", "canary", ""] {
        let server = refusing(1, "401 No", body);
        let client = client(&["old", "new"], POST);
        let token = crate::secret::Secret::from("canary-rt");
        let told = client.revoke(&endpoint(&server), &token).await;
        assert!(told.is_ok(), "{body}: {told:?}");
        assert_eq!(secrets_sent(&server), ["old", "new"], "{body}");
    }
}
