//! A small browser and a client for the tests.

mod answer;
mod browser;
mod token;

use std::collections::BTreeMap;
use std::time::Duration;

use awc::Client;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_emulator::Emulator;
use serde_json::Value;

pub(crate) use answer::{Answer, answer};
pub(crate) use browser::Browser;
pub(crate) use token::{parts, verifies};

pub(crate) const NORTHWIND: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
pub(crate) const FABRIKAM: &str = "22220000-aaaa-4bbb-8ccc-000000000002";
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
pub(crate) const WEBAPP: &str = "00001111-aaaa-4222-8333-000000000001";
pub(crate) const MULTI: &str = "00001111-aaaa-4222-8333-000000000002";
pub(crate) const TICKETS: &str = "00001111-aaaa-4222-8333-000000000003";
pub(crate) const SPA: &str = "00001111-aaaa-4222-8333-000000000005";
pub(crate) const ASSIGNED: &str = "00001111-aaaa-4222-8333-000000000007";
pub(crate) const WEBAPP_SECRET: &str = "emulator~secret+for/webapp=1";
pub(crate) const REDIRECT: &str = "http://localhost:5000/auth/redirect";
pub(crate) const ADA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const ROBIN: &str = "aaaaaaaa-0000-4000-8000-000000000002";
pub(crate) const OLGA: &str = "aaaaaaaa-0000-4000-8000-000000000004";
pub(crate) const DANA: &str = "aaaaaaaa-0000-4000-8000-000000000006";
pub(crate) const CONNIE: &str = "aaaaaaaa-0000-4000-8000-000000000009";
pub(crate) const EVE: &str = "aaaaaaaa-0000-4000-8000-000000000011";
pub(crate) const PAT: &str = "aaaaaaaa-0000-4000-8000-000000000021";
pub(crate) const VERIFIER: &str = "a-code-verifier-of-at-least-forty-three-characters";
pub(crate) const NONCE: &str = "the-nonce-of-this-test";

/// Changes of a request's parameters; an empty value removes one.
pub(crate) type Changes<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn authorize_path(tenant: &str, changes: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut fields = BTreeMap::from([
        ("client_id", WEBAPP),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid profile email offline_access"),
        ("state", "the-state"),
        ("nonce", NONCE),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    for (name, value) in changes {
        if value.is_empty() {
            fields.remove(name);
        } else {
            fields.insert(name, value);
        }
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("/{tenant}/oauth2/v2.0/authorize?{query}")
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        VERIFIER.as_bytes(),
    ))
}

/// Sends the web application's token request for a code, with changed or added fields.
pub(crate) async fn redeem(emulator: &Emulator, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("redirect_uri", REDIRECT),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]);
    for (name, value) in changes {
        if value.is_empty() {
            fields.remove(name);
        } else {
            fields.insert(name, value);
        }
    }
    token(emulator, NORTHWIND, &fields.into_iter().collect::<Vec<_>>()).await
}

pub(crate) async fn token(emulator: &Emulator, tenant: &str, fields: &[(&str, &str)]) -> Answer {
    let url = format!("{}{tenant}/oauth2/v2.0/token", emulator.url());
    answer(client().post(url).send_form(&fields).await.unwrap()).await
}

/// Signs in and redeems the code; returns the token answer.
pub(crate) async fn tokens(emulator: &Emulator, user: &str) -> Value {
    let code = Browser::new(emulator).code(user).await;
    let answer = redeem(emulator, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

pub(crate) async fn get(emulator: &Emulator, path: &str) -> Answer {
    answer(
        client()
            .get(format!("{}{path}", emulator.url()))
            .send()
            .await
            .unwrap(),
    )
    .await
}

pub(crate) fn client() -> Client {
    Client::builder()
        .disable_redirects()
        .timeout(Duration::from_secs(10))
        .finish()
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}

/// Starts an emulator, and a browser for it.
pub(crate) fn start() -> (Emulator, Browser) {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    (emulator, browser)
}
