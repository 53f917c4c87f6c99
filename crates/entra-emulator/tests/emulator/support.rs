//! A small browser and a client for the tests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use awc::http::header::{LOCATION, SET_COOKIE};
use awc::{Client, ClientResponse};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_emulator::Emulator;
use serde_json::Value;
use url::Url;

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

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(self.header("location"))
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// Returns the parameters of the redirect to the client.
    pub(crate) fn response(&self) -> BTreeMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    pub(crate) fn error(&self) -> (u16, String, u64) {
        let body = self.json();
        (
            self.status,
            body["error"].as_str().unwrap().to_owned(),
            body["error_codes"][0].as_u64().unwrap(),
        )
    }

    /// Returns the value of a hidden field of the page.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap_or_else(|| panic!("{}", self.text));
        let value = rest.split('"').next().unwrap();
        value
            .replace("&#x3D;", "=")
            .replace("&#x2F;", "/")
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
    }
}

/// A browser that keeps cookies and follows no redirect.
pub(crate) struct Browser {
    client: Client,
    jar: RefCell<BTreeMap<String, String>>,
    origin: String,
}

impl Browser {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
            client: client(),
            jar: RefCell::default(),
            origin: emulator.url().as_str().trim_end_matches('/').to_owned(),
        }
    }

    pub(crate) fn jar(&self) -> BTreeMap<String, String> {
        self.jar.borrow().clone()
    }

    pub(crate) fn put_jar(&self, jar: BTreeMap<String, String>) {
        self.jar.replace(jar);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self
            .client
            .get(self.url(path))
            .insert_header(("Cookie", self.cookies()));
        self.keep(answer(request.send().await.unwrap()).await)
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .insert_header(("Cookie", self.cookies()));
        self.keep(answer(request.send_form(&fields).await.unwrap()).await)
    }

    /// Sends the web application's authorization request, with changed or added parameters.
    pub(crate) async fn authorize(&self, changes: &[(&str, &str)]) -> Answer {
        self.get(&authorize_path(NORTHWIND, changes)).await
    }

    /// Opens the account page and picks a user.
    pub(crate) async fn pick(&self, tenant: &str, changes: &[(&str, &str)], user: &str) -> Answer {
        let page = self.get(&authorize_path(tenant, changes)).await;
        assert_eq!(page.status, 200, "{}", page.text);
        self.post(
            &format!("/{tenant}/login"),
            &[("request", &page.field("request")), ("account", user)],
        )
        .await
    }

    /// Signs in at the web application; returns the code.
    pub(crate) async fn code(&self, user: &str) -> String {
        let answer = self.pick(NORTHWIND, &[], user).await;
        answer
            .response()
            .remove("code")
            .unwrap_or_else(|| panic!("{:?}", answer.response()))
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        }
    }

    fn cookies(&self) -> String {
        self.jar
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, answer: Answer) -> Answer {
        if let Some(cookie) = answer.headers.get("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.borrow_mut().remove(name);
            } else {
                self.jar
                    .borrow_mut()
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

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

pub(crate) async fn answer<S>(mut response: ClientResponse<S>) -> Answer
where
    S: futures_util::Stream<Item = Result<actix_web::web::Bytes, awc::error::PayloadError>>,
{
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        headers.insert(
            name.to_string(),
            value.to_str().unwrap_or_default().to_owned(),
        );
    }
    assert!(headers.contains_key(LOCATION.as_str()) || response.status().as_u16() / 100 != 3);
    let _ = SET_COOKIE;
    let body = response.body().limit(32 * 1024 * 1024).await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers,
        text: String::from_utf8_lossy(&body).into_owned(),
    }
}

/// Reads header and claims of a token without verifying it.
pub(crate) fn parts(token: &str) -> (Value, Value) {
    let part = |number: usize| {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(number).unwrap())
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

/// Tells whether the key of this set with the token's `kid` verifies it.
pub(crate) fn verifies(token: &str, keys: &Value) -> bool {
    let (header, _) = parts(token);
    let found = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == header["kid"]);
    let Some(key) = found else { return false };
    let component = |name: &str| key[name].as_str().unwrap();
    let key =
        jsonwebtoken::DecodingKey::from_rsa_components(component("n"), component("e")).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(
        signature,
        message.as_bytes(),
        &key,
        jsonwebtoken::Algorithm::RS256,
    )
    .unwrap_or(false)
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}
