//! The token endpoint of a product.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    app::CLIENT_SECRET,
    documents::{Document, apply},
    keys,
    product::ErrorAnswer,
    provider::{Grant, State},
};

/// Answers one request.
pub fn answer(state: &State, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| {
        let found = form.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let product = &state.documents.product;
    let authorization = request.headers().get(header::AUTHORIZATION);
    let client = match authorization {
        Some(value) => ("client_secret_basic", basic(value.to_str().unwrap())),
        None => (
            "client_secret_post",
            (field("client_id"), field("client_secret")),
        ),
    };
    state.token_requests.lock().unwrap().push(client.0);
    let right = (product.client_id.clone(), CLIENT_SECRET.to_owned());
    if client.1 != right || !takes(state, client.0) {
        if *state.burns_codes.lock().unwrap() {
            state.grants.lock().unwrap().remove(&field("code"));
        }
        return refuse(state, &product.wrong_secret);
    }
    let grants = &mut *state.grants.lock().unwrap();
    match field("grant_type").as_str() {
        "authorization_code" => {
            let Some(grant) = grants.remove(&field("code")) else {
                return refuse(state, &product.used_code);
            };
            let challenge = digest(&SHA256, field("code_verifier").as_bytes());
            assert_eq!(grant.challenge, URL_SAFE_NO_PAD.encode(challenge));
            assert_eq!(grant.redirect_uri, field("redirect_uri"));
            let (tokens, next) = issue(state, &grant, false);
            grants.insert(next, grant);
            tokens
        }
        "refresh_token" => {
            if let Some((status, media_type, body)) = state.refresh_answer.lock().unwrap().clone() {
                *state.refused_refreshes.lock().unwrap() += 1;
                return HttpResponse::build(StatusCode::from_u16(status).unwrap())
                    .insert_header((header::CONTENT_TYPE, media_type))
                    .body(body);
            }
            let Some(grant) = grants.get(&field("refresh_token")).cloned() else {
                return refuse(state, &product.used_code);
            };
            *state.refreshes.lock().unwrap() += 1;
            let (tokens, next) = issue(state, &grant, true);
            grants.insert(next, grant);
            tokens
        }
        other => panic!("unknown grant: {other}"),
    }
}

/// A token answer, and its refresh token.
fn issue(state: &State, grant: &Grant, refreshed: bool) -> (HttpResponse, String) {
    let documents = &state.documents;
    let product = &documents.product;
    let number = state.number();
    let access_token = format!("access-token-{number}");
    let refresh_token = format!("refresh-token-{number}");
    let hash = digest(&SHA256, access_token.as_bytes());
    let values = documents
        .values()
        .with("nonce", grant.nonce.clone())
        .with("at_hash", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
        .with("access_token", access_token)
        .with("refresh_token", refresh_token.clone());
    let changes = state.changes.lock().unwrap().clone();
    let mut claims = values.fill(match &product.refreshed_id_token {
        Some(claims) if refreshed => claims,
        _ => &product.id_token,
    });
    if refreshed && product.refreshed_id_token.is_none() {
        claims.as_object_mut().unwrap().remove("nonce");
    }
    apply(&mut claims, Document::IdToken, &changes);
    let values = values.with("id_token", keys::sign(&product.header, &claims));
    let mut answer = values.fill(match &product.refreshed_answer {
        Some(answer) if refreshed => answer,
        _ => &product.answer,
    });
    apply(&mut answer, Document::Answer, &changes);
    (state.json(StatusCode::OK, &answer), refresh_token)
}

/// Whether the product takes this way to authenticate: what its metadata says, unless it binds each
/// client to one.
fn takes(state: &State, method: &str) -> bool {
    if let Some(only) = &state.documents.product.takes_auth {
        return only == method;
    }
    match &state.discovery()["token_endpoint_auth_methods_supported"] {
        Value::Array(methods) => methods.iter().any(|announced| announced == method),
        _ => method == "client_secret_basic",
    }
}

/// RFC 6749 section 2.3.1: both halves are form-encoded.
fn basic(value: &str) -> (String, String) {
    let encoded = value.strip_prefix("Basic ").unwrap();
    let text = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    let (id, secret) = text.split_once(':').unwrap();
    let decode = |half: &str| {
        let pair = format!("x={half}");
        let (_, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap();
        value.into_owned()
    };
    (decode(id), decode(secret))
}

fn refuse(state: &State, error: &ErrorAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(error.status).unwrap();
    state.json(status, &error.body)
}
