//! Issues the authorization response of a user who is signed in.

use actix_web::HttpResponse;
use serde_json::Value;

use crate::aadsts::Refusal;
use crate::directory::User;
use crate::state::Code;
use crate::sync::lock;
use crate::token::{self, UserSession};

use super::respond::{ResponseParameters, respond, set_cookie};
use super::step::Step;

/// Issues code and tokens, and sends them to the client.
pub(super) fn issue(mut step: Step<'_>, user: &User) -> HttpResponse {
    let account = step.cookie.account(&user.id);
    let auth_time = account.map_or(step.trace.now, |account| account.auth_time);
    step.cookie
        .add_application(&user.id, &step.request.application.app_id);
    let parameters = match parameters(&step, user, auth_time) {
        Ok(parameters) => parameters,
        Err(refusal) => return step.refuse(&refusal),
    };
    let mut response = respond(
        step.state,
        &step.origin,
        &step.trace,
        &step.request,
        parameters,
    );
    set_cookie(&mut response, &step.cookie.cookie(step.state, &step.origin));
    response
}

fn parameters(step: &Step<'_>, user: &User, auth_time: i64) -> Result<ResponseParameters, Refusal> {
    let mut parameters = Vec::new();
    let response_type = step.checked.response_type;
    if response_type.code {
        parameters.push(("code".to_owned(), issue_code(step, user, auth_time)));
    }
    if response_type.id_token || response_type.access_token {
        parameters.extend(token::tokens_for_authorization_response(
            step.state,
            &session(step, user, auth_time),
            response_type.access_token,
        )?);
    }
    if step.request.params.get("client_info") == Some("1") {
        parameters.push(("client_info".to_owned(), token::client_info(user)));
    }
    parameters.push(("session_state".to_owned(), step.cookie.sid.clone()));
    Ok(parameters)
}

/// Random bytes. Clients that cannot keep a code as long as the platform's must fail here too.
const CODE_BYTES: usize = 780;

fn issue_code(step: &Step<'_>, user: &User, auth_time: i64) -> String {
    let text = format!("1.{}", step.state.random.token(CODE_BYTES));
    let code = Code {
        app_id: step.request.application.app_id.clone(),
        redirect_uri: step.request.redirect_uri.clone(),
        authority: step.request.authority.segment.clone(),
        user: user.id.clone(),
        tid: user.tenant.clone(),
        scopes: step.checked.scopes.clone(),
        nonce: step.request.params.get("nonce").map(str::to_owned),
        challenge: step.checked.challenge.clone(),
        sid: step.cookie.sid.clone(),
        auth_time,
        show_auth_time: step.checked.max_age.is_some(),
        acrs: requested_contexts(step.request.params.get("claims")),
        issued_at: step.trace.now,
    };
    lock(&step.state.codes).insert(&text, code);
    text
}

fn session(step: &Step<'_>, user: &User, auth_time: i64) -> UserSession {
    UserSession {
        origin: step.origin.clone(),
        user: user.clone(),
        application: step.request.application.clone(),
        policy: step.request.authority.policy.clone(),
        scopes: step.checked.scopes.clone(),
        nonce: step.request.params.get("nonce").map(str::to_owned),
        sid: step.cookie.sid.clone(),
        auth_time,
        show_auth_time: step.checked.max_age.is_some(),
        acrs: requested_contexts(step.request.params.get("claims")),
        client_auth: token::ClientAuth::Public,
        client_capabilities: Vec::new(),
    }
}

/// Reads the authentication contexts of the `claims` parameter; the emulator satisfies every request for one.
fn requested_contexts(claims: Option<&str>) -> Vec<String> {
    let claims: Option<Value> = claims.and_then(|claims| serde_json::from_str(claims).ok());
    let asked = claims.as_ref().and_then(|claims| {
        claims
            .pointer("/id_token/acrs")
            .or_else(|| claims.pointer("/access_token/acrs"))
    });
    let value = asked.and_then(|asked| asked.get("value"));
    let values = asked
        .and_then(|asked| asked.get("values"))
        .and_then(Value::as_array);
    let all = value.into_iter().chain(values.into_iter().flatten());
    all.filter_map(|value| value.as_str().map(str::to_owned))
        .take(10)
        .collect()
}
