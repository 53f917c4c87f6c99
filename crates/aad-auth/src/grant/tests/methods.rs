//! Client authentication methods: the other one is tried when the provider refuses the first.

use super::{
    GOOD, client, code,
    credentials::{POST, refusing},
    endpoint, refresh,
};
use crate::{
    grant::{GrantError, TokenEndpoint},
    provider::ClientAuthMethod,
    transport::test_server::{TestServer, json},
};

/// The client authentication method of each request.
fn methods_sent(server: &TestServer) -> Vec<&'static str> {
    let method = |request: &String| {
        if request
            .to_ascii_lowercase()
            .contains("authorization: basic")
        {
            "basic"
        } else {
            "post"
        }
    };
    server.requests().iter().map(method).collect()
}

fn offering_both(server: &TestServer) -> TokenEndpoint {
    TokenEndpoint {
        auth_methods: vec![
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::ClientSecretPost,
        ],
        ..endpoint(server)
    }
}

/// Ory Hydra and Authelia announce both methods and register each client for one.
#[actix_web::test]
async fn r70_the_other_announced_method_is_tried_once_and_remembered() {
    for (status, body) in [
        ("401 No", r#"{"error":"invalid_client"}"#),
        ("400 Bad", r#"{"error":"invalid_client"}"#),
        ("400 Bad", r#"{"error":"unauthorized_client"}"#),
        ("200 OK", r#"{"ok":false,"error":"bad_client_secret"}"#),
        ("401 No", "<h1>Unauthorized</h1>"),
        (
            "400 Bad",
            r#"{"error":"invalid_request","error_codes":[7000215]}"#,
        ),
    ] {
        let server = refusing(1, status, body);
        let client = client(&["a"], None);
        let endpoint = offering_both(&server);
        assert!(client.redeem(&endpoint, &code()).await.is_ok(), "{body}");
        assert!(client.clone().refresh(&endpoint, &refresh()).await.is_ok());
        assert_eq!(methods_sent(&server), ["post", "basic", "basic"], "{body}");
        // Other metadata, another choice.
        let mut changed = endpoint;
        changed.auth_methods.reverse();
        assert!(client.redeem(&changed, &code()).await.is_ok());
        assert_eq!(methods_sent(&server).last(), Some(&"post"), "{body}");
    }
}

#[actix_web::test]
async fn r70_a_secret_that_both_methods_bring_in_vain_costs_two_requests() {
    let server = refusing(usize::MAX, "401 No", r#"{"error":"invalid_client"}"#);
    let client = client(&["a"], None);
    let refused = client.redeem(&offering_both(&server), &code()).await;
    assert!(
        matches!(refused, Err(GrantError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(methods_sent(&server), ["post", "basic"]);
}

#[actix_web::test]
async fn r70_a_configured_method_and_other_refusals_cost_no_second_request() {
    for (method, body) in [
        (POST, r#"{"error":"invalid_client"}"#),
        (None, r#"{"error":"invalid_grant"}"#),
        (None, r#"{"error":"invalid_request"}"#),
    ] {
        let server = refusing(usize::MAX, "400 Bad", body);
        let refused = client(&["a"], method)
            .redeem(&offering_both(&server), &code())
            .await;
        assert!(refused.is_err());
        assert_eq!(methods_sent(&server), ["post"], "{body}");
    }
}

/// A provider that checks the code before the credential.
#[actix_web::test]
async fn r70_a_code_that_the_refused_request_has_used_up_is_called_so() {
    let server = TestServer::start(|number, stream| {
        let reply = match number {
            0 => json("401 No", r#"{"error":"invalid_client"}"#),
            1 => json("400 Bad", r#"{"error":"invalid_grant"}"#),
            _ => json("200 OK", GOOD),
        };
        stream.write_all(&reply).map(|()| true)
    });
    let client = client(&["a"], None);
    let endpoint = offering_both(&server);
    let spent = client.redeem(&endpoint, &code()).await;
    assert!(matches!(spent, Err(GrantError::Spent(_))), "{spent:?}");
    assert!(client.redeem(&endpoint, &code()).await.is_ok());
    assert_eq!(methods_sent(&server), ["post", "basic", "basic"]);
}

#[actix_web::test]
async fn r70_a_revocation_tries_the_other_method_too() {
    let server = refusing(1, "401 No", r#"{"error":"invalid_client"}"#);
    let token = crate::secret::Secret::from("canary-rt");
    let told = client(&["a"], None)
        .revoke(&offering_both(&server), &token)
        .await;
    assert!(told.is_ok());
    assert_eq!(methods_sent(&server), ["post", "basic"]);
}
