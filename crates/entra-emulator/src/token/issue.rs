//! The token endpoint's answer for a user.

use serde_json::Value;

use crate::aadsts::Refusal;
use crate::http::Params;
use crate::members::Members;
use crate::state::State;

use super::access_token::access_token;
use super::id_token::id_token;
use super::refresh_token::RefreshToken;
use super::{UserSession, client_info};

/// Issues the tokens of a session; `refresh` is the content of the refresh token.
pub(super) fn issue(
    state: &State,
    session: &UserSession,
    params: &Params,
    refresh: &RefreshToken,
) -> Result<Members, Refusal> {
    let mut answer = Members::default();
    answer.set("token_type", "Bearer");
    let now = state.clock.now();
    // A B2C tenant issues an access token only when the scopes name an API.
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
        answer.set("refresh_token", refresh.seal(state)?);
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

/// Reads the client capabilities (`xms_cc`) from the `claims` parameter.
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
