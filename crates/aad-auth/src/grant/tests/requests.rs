//! Requests, and the places where no secret may be.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{GOOD, client, code, endpoint, field, form, redeem, refresh};
use crate::{
    config::ClientAuth,
    grant::{BrokenAnswer, GrantError, TokenEndpoint},
    provider::ClientAuthMethod::{ClientSecretBasic, ClientSecretPost},
    transport::{
        TransportError,
        test_server::{TestServer, json},
    },
};

fn good() -> TestServer {
    TestServer::answering(json("200 OK", GOOD))
}

#[actix_web::test]
async fn nothing_is_sent_to_an_insecure_endpoint() {
    let insecure = TokenEndpoint {
        url: url::Url::parse("http://192.0.2.1/token").unwrap(),
        auth_methods: vec![ClientSecretBasic],
    };
    assert_eq!(
        client(&["s"], None).redeem(&insecure, &code()).await.err(),
        Some(GrantError::Broken(BrokenAnswer::Transport(
            TransportError::Insecure
        )))
    );
}

#[actix_web::test]
async fn nothing_secret_stands_in_the_address_or_a_stray_header() {
    for method in [ClientAuth::SecretPost, ClientAuth::SecretBasic] {
        let server = good();
        let client = client(&["canary-secret"], Some(method));
        let sent = client.redeem(&endpoint(&server), &code()).await;
        assert!(sent.is_ok());
        let request = server.requests().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /token?p=1 HTTP/1.1\r\n"), "{head}");
        assert!(!head.contains("canary"), "{head}");
        let lower = head.to_lowercase();
        assert!(!lower.contains("\r\norigin:") && !lower.contains("\r\nreferer:"));
        let basic = method == ClientAuth::SecretBasic;
        assert_eq!(lower.contains("\r\nauthorization: basic "), basic);
        assert_eq!(body.contains("client_secret="), !basic);
    }
}

#[actix_web::test]
async fn a_code_goes_with_its_verifier_and_redirect_uri() {
    let server = good();
    redeem(&server).await.unwrap();
    let request = server.requests().remove(0);
    assert!(
        request
            .to_lowercase()
            .contains("content-type: application/x-www-form-urlencoded\r\n")
    );
    let form = form(&request);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "canary/code+"),
        ("code_verifier", "canary-verifier"),
        ("redirect_uri", "http://localhost:5000/auth/redirect"),
        ("scope", "openid User.Read"),
        ("client_id", "client id"),
        ("client_secret", "canary-secret"),
    ] {
        assert_eq!(field(&form, name), Some(value), "{name}");
    }
    assert_eq!(form.len(), 7);
}

#[actix_web::test]
async fn a_refresh_sends_token_and_scopes_only() {
    let server = good();
    let client = client(&["s"], Some(ClientAuth::SecretPost));
    let sent = client.refresh(&endpoint(&server), &refresh()).await;
    assert!(sent.is_ok());
    let form = form(&server.requests().remove(0));
    assert_eq!(field(&form, "grant_type"), Some("refresh_token"));
    assert_eq!(field(&form, "refresh_token"), Some("canary-old"));
    assert_eq!(field(&form, "scope"), Some("openid User.Read"));
    assert_eq!(form.len(), 5);
}

#[actix_web::test]
async fn basic_encodes_id_and_secret_as_a_form_before_base64() {
    let server = good();
    let client = client(&["a:b c+d%e/u~"], None);
    let sent = client.redeem(&endpoint(&server), &code()).await;
    assert!(sent.is_ok());
    let request = server.requests().remove(0);
    let header = request
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        })
        .unwrap();
    let decoded = STANDARD
        .decode(header.strip_prefix("Basic ").unwrap())
        .unwrap();
    let text = String::from_utf8(decoded).unwrap();
    assert_eq!(text, "client+id:a%3Ab+c%2Bd%25e%2Fu%7E");
    assert_eq!(field(&form(&request), "client_secret"), None);
}

#[actix_web::test]
async fn the_method_follows_the_metadata() {
    for (offered, basic) in [
        (vec![ClientSecretBasic], true),
        (vec![ClientSecretBasic, ClientSecretPost], false),
    ] {
        let server = good();
        let mut endpoint = endpoint(&server);
        endpoint.auth_methods = offered;
        let sent = client(&["s"], None).redeem(&endpoint, &code()).await;
        assert!(sent.is_ok());
        let head = server.requests().remove(0).to_lowercase();
        assert_eq!(head.contains("authorization: basic"), basic);
    }
}

#[test]
fn the_futures_may_run_on_the_provider_thread() {
    fn is_send<T: Send>(_: T) {}
    let client = client(&["s"], None);
    let endpoint = TokenEndpoint {
        url: url::Url::parse("http://127.0.0.1:1/").unwrap(),
        auth_methods: vec![ClientSecretBasic],
    };
    is_send(client.redeem(&endpoint, &code()));
    is_send(client.refresh(&endpoint, &refresh()));
}
