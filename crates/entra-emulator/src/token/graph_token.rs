//! Tokens for Graph: signing them so that only Graph can verify them, and verifying them.

use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::aadsts::Refusal;
use crate::encoding::{base64url, from_base64url, sha256};
use crate::jwt::{Draft, apply_to_signature};
use crate::keys::SigningKey;
use crate::members::Members;
use crate::scope::GRAPH_APP_ID;
use crate::state::State;
use crate::sync::read;

use super::KeyOwner;
use super::sign::{jwt_header_v1, server_error, signers};

/// Signs a token for Graph, which other verifiers refuse.
///
/// As on the platform, the header has a `nonce`, and the signature is over a header with the hash of that nonce.
pub(super) fn sign_graph_token(state: &State, claims: Members) -> Result<String, Refusal> {
    let signers = signers(state, &KeyOwner::Tenant).map_err(|error| server_error(&error))?;
    let mut header = jwt_header_v1(&signers.signing.kid);
    header.set("nonce", state.random.token(32));
    let mut draft = Draft::new(header, claims);
    state.faults.access_token().apply(&mut draft);
    let payload = base64url(draft.payload());
    let message = format!(
        "{}.{payload}",
        base64url(hashed_nonce(draft.header.clone()).to_text())
    );
    let signature = signers
        .signing
        .sign(message.as_bytes(), Algorithm::RS256)
        .map_err(|error| server_error(&error))?;
    let signature = base64url(apply_to_signature(&signature, draft.signature));
    Ok(format!(
        "{}.{payload}.{signature}",
        base64url(draft.header.to_text())
    ))
}

fn hashed_nonce(mut header: Members) -> Members {
    let nonce = header
        .get("nonce")
        .and_then(|nonce| nonce.as_str().map(str::to_owned))
        .unwrap_or_default();
    header.set("nonce", base64url(sha256(nonce)));
    header
}

/// The claims of a valid Graph token.
pub(crate) struct GraphTokenClaims {
    /// The user's object id; `None` for an application's token.
    pub(crate) user: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) app_id: String,
}

/// Verifies a Graph token of this emulator: signature, audience, expiry and revocation. `None`: it is not valid.
pub(crate) fn verify_graph_token(state: &State, token: &str) -> Option<GraphTokenClaims> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let header = ordered(&from_base64url(header)?)?;
    let kid = header.get("kid")?;
    let message = format!("{}.{payload}", base64url(hashed_nonce(header).to_text()));
    is_signed(state, &kid, &message, signature).then_some(())?;
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    let current = claims.get("exp")?.as_i64()? > state.clock.now();
    (current && claims.get("aud")? == GRAPH_APP_ID).then_some(())?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let scopes = text("scp");
    let user = scopes.is_some().then(|| text("oid")).flatten();
    if let Some(user) = &user {
        let epoch = claims.get("xms_epoch").and_then(Value::as_u64)?;
        state.is_current(user, epoch).then_some(())?;
    }
    let scopes = scopes.unwrap_or_default();
    Some(GraphTokenClaims {
        user,
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        app_id: text("appid")?,
    })
}

/// Tells whether a key of this emulator with this `kid` signed the message.
fn is_signed(state: &State, kid: &Value, message: &str, signature: &str) -> bool {
    let ring = read(&state.keys);
    let signing = ring.signing();
    let keys: Vec<_> = ring
        .published()
        .iter()
        .chain([&signing])
        .filter(|key| *kid == key.kid.as_str())
        .cloned()
        .collect();
    drop(ring);
    let signs = |key: &SigningKey| {
        key.sign(message.as_bytes(), Algorithm::RS256)
            .is_ok_and(|expected| expected == signature)
    };
    keys.iter().any(|key| signs(key))
}

/// Reads a header and keeps the order of its members, because the signature is over its text.
fn ordered(bytes: &[u8]) -> Option<Members> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let mut header = Members::default();
    for name in ["typ", "alg", "kid", "x5t", "nonce"] {
        header.set(name, value.get(name)?);
    }
    (header.to_text().as_bytes() == bytes).then_some(header)
}
