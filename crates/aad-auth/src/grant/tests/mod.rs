//! Token requests against real token endpoints on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected has failed"
)]

mod answers;
mod credentials;
mod members;
mod methods;
mod refusals;
mod requests;

use std::time::Duration;

use crate::{
    client_auth::ClientCredential,
    config::ClientAuth,
    provider::ClientAuthMethod,
    secret::Secret,
    transport::{
        Transport, TransportSettings,
        test_server::{TestServer, json},
    },
};

use super::{
    AuthorizationCodeGrant, GrantError, RefreshTokenGrant, TokenClient, TokenEndpoint,
    TokenResponse,
};

const GOOD: &str = r#"{"token_type":"Bearer","scope":"openid User.Read","expires_in":3599,
    "ext_expires_in":3599,"access_token":"canary-at","refresh_token":"canary-rt",
    "id_token":"canary.id.token","foci":"1"}"#;

fn client(secrets: &[&str], method: Option<ClientAuth>) -> TokenClient {
    let settings = TransportSettings::default().timeout(Duration::from_secs(5));
    let secrets = secrets.iter().map(|text| Secret::from(*text));
    TokenClient::new(
        Transport::new(settings).unwrap(),
        "client id",
        ClientCredential::secrets(secrets, method).unwrap(),
    )
}

/// The endpoint of a provider whose metadata names no client authentication methods.
fn endpoint(server: &TestServer) -> TokenEndpoint {
    TokenEndpoint {
        url: server.url("/token?p=1"),
        auth_methods: vec![ClientAuthMethod::ClientSecretBasic],
    }
}

fn code() -> AuthorizationCodeGrant {
    AuthorizationCodeGrant {
        code: Secret::from("canary/code+"),
        code_verifier: Secret::from("canary-verifier"),
        redirect_uri: "http://localhost:5000/auth/redirect".to_owned(),
        scopes: vec!["openid".to_owned(), "User.Read".to_owned()],
    }
}

fn refresh() -> RefreshTokenGrant {
    RefreshTokenGrant {
        refresh_token: Secret::from("canary-old"),
        scopes: vec!["openid".to_owned(), "User.Read".to_owned()],
    }
}

async fn redeem(server: &TestServer) -> Result<TokenResponse, GrantError> {
    client(&["canary-secret"], Some(ClientAuth::SecretPost))
        .redeem(&endpoint(server), &code())
        .await
}

/// The form fields of a request, decoded.
fn form(request: &str) -> Vec<(String, String)> {
    let body = request.split("\r\n\r\n").nth(1).unwrap();
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = form.iter().filter(|(key, _)| key == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} stands twice");
    value
}

/// The error of a redemption with this answer. It must not quote the provider.
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
