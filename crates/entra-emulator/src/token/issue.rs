use serde_json::Value;

use crate::aadsts::Refusal;
use crate::http::Params;
use crate::members::Members;
use crate::seal::Purpose;
use crate::state::State;

use super::access_token::access_token;
use super::id_token::id_token;
use super::refresh_token::RefreshToken;
use super::{Session, client_info};

/// The answer of the token endpoint for a user (`entra.md` 3.2).
pub(super) fn issue(
    state: &State,
    session: &Session,
    params: &Params,
    refresh: &RefreshToken,
) -> Result<Members, Refusal> {
    let mut answer = Members::default();
    answer.set("token_type", "Bearer");
    let now = state.clock.now();
    // B2C makes an access token only where the scopes name an API.
    if session.policy.is_none() || !session.scopes.resources.is_empty() {
        let access = access_token(state, session)?;
        answer.set("scope", &access.scope);
        answer.set("expires_in", access.expires_in);
        answer.set("access_token", &access.token);
        if session.policy.is_none() {
            answer.set("ext_expires_in", access.expires_in);
        } else {
            answer.set("expires_on", now.saturating_add(access.expires_in));
            answer.set("resource", &session.application.app_id);
        }
    }
    if session.scopes.offline_access {
        answer.set("refresh_token", sealed(state, refresh)?);
    }
    if session.scopes.openid {
        answer.set("id_token", id_token(state, session, &[])?);
    }
    if params.get("client_info") == Some("1") {
        answer.set("client_info", client_info(&session.user));
    }
    if session.policy.is_some() {
        answer.set("not_before", now);
        answer.set("id_token_expires_in", 3_600);
        answer.set("refresh_token_expires_in", 1_209_600);
    }
    Ok(answer)
}

fn sealed(state: &State, refresh: &RefreshToken) -> Result<String, Refusal> {
    // Opaque, and longer than a kilobyte, so that a cookie that is to hold it fails here as it does in earnest.
    let text = state.sealer.seal(Purpose::RefreshToken, refresh, 900);
    let text = text.ok_or_else(|| {
        Refusal::new(
            "server_error",
            90_033,
            "The refresh token cannot be sealed.",
        )
    })?;
    Ok(format!("1.{text}"))
}

/// `xms_cc` in the `claims` parameter: what the client declares it can handle.
pub(super) fn client_capabilities(params: &Params) -> Vec<String> {
    let claims: Option<Value> = params
        .get("claims")
        .and_then(|claims| serde_json::from_str(claims).ok());
    let values = claims
        .as_ref()
        .and_then(|claims| claims.pointer("/access_token/xms_cc/values"));
    let values = values.and_then(Value::as_array).into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .take(10)
        .collect()
}
