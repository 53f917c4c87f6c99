use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::aadsts::Refusal;
use crate::encoding::{base64url, from_base64url, sha256};
use crate::jwt::{Draft, edited};
use crate::keys::SigningKey;
use crate::members::Members;
use crate::scope::GRAPH_APP_ID;
use crate::state::State;
use crate::sync::read;

use super::Sealing;
use super::common_claims::{envelope, server_error, signers};

/// A token for Graph: its header carries a `nonce`, and the signature is over a header in which that is hashed, so that
/// whoever verifies it as an ordinary token fails (`entra.md` 5.5).
pub(super) fn unverifiable(state: &State, claims: Members) -> Result<String, Refusal> {
    let signers = signers(state, &Sealing::Plain).map_err(|error| server_error(&error))?;
    let mut header = envelope(&signers.signing.kid);
    header.set("x5t", &signers.signing.kid);
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
    let signature = base64url(edited(&signature, draft.signature));
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

/// Who calls Graph: the claims of a token that was made here, has not expired, and has not been revoked.
pub(crate) struct GraphCaller {
    pub(crate) user: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) app_id: String,
}

/// Verifies a Graph token. Tokens of another audience, and ID tokens, are refused like any stranger's.
pub(crate) fn verify_graph_token(state: &State, token: &str) -> Option<GraphCaller> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let header = ordered(&from_base64url(header)?)?;
    let kid = header.get("kid")?;
    let message = format!("{}.{payload}", base64url(hashed_nonce(header).to_text()));
    let ring = read(&state.keys);
    let signing = ring.signing();
    let keys: Vec<_> = ring
        .published()
        .iter()
        .chain([&signing])
        .filter(|key| kid == key.kid.as_str())
        .cloned()
        .collect();
    drop(ring);
    let signs = |key: &SigningKey| {
        key.sign(message.as_bytes(), Algorithm::RS256)
            .is_ok_and(|expected| expected == signature)
    };
    let genuine = keys.iter().any(|key| signs(key));
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    let current =
        claims.get("exp")?.as_i64()? > state.clock.now() && claims.get("aud")? == GRAPH_APP_ID;
    (genuine && current).then_some(())?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let delegated = text("scp");
    let user = delegated.is_some().then(|| text("oid")).flatten();
    if let Some(user) = &user {
        state
            .is_current(user, claims.get("xms_epoch").and_then(Value::as_u64)?)
            .then_some(())?;
    }
    let scopes = delegated
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .collect();
    Some(GraphCaller {
        user,
        scopes,
        app_id: text("appid")?,
    })
}

/// The header in its own order: a parsed value would be sorted, and the signature is over the text.
fn ordered(bytes: &[u8]) -> Option<Members> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let mut header = Members::default();
    for name in ["typ", "alg", "kid", "x5t", "nonce"] {
        header.set(name, value.get(name)?);
    }
    (header.to_text().as_bytes() == bytes).then_some(header)
}
