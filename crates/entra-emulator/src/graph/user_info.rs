//! The userinfo endpoint, and the revocation of all sign-in sessions.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::faults::Endpoint;
use crate::http::json_text;
use crate::members::Members;
use crate::state::State;
use crate::token::pairwise_subject;

use super::caller::{Caller, answer};

/// Answers `GET` and `POST /oidc/userinfo`.
pub(crate) async fn user_info(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let caller = match Caller::of(&state, &request, &["openid"]) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let user = &caller.user;
    let mut body = Members::default();
    // The subject must be that of the client's ID tokens.
    body.set("sub", pairwise_subject(&caller.app_id, &user.id));
    body.set("name", &user.display_name);
    body.set_some("family_name", user.surname.as_ref());
    body.set_some("given_name", user.given_name.as_ref());
    body.set(
        "picture",
        format!("{}/v1.0/me/photo/$value", state.origin_for(&request).url()),
    );
    if caller.has("email") {
        body.set_some("email", user.mail.as_ref());
    }
    state.faults.edit_document(Endpoint::UserInfo, &mut body);
    json_text(200, body.to_text())
}

/// Answers `POST /v1.0/me/revokeSignInSessions`: ends all sessions of the user.
pub(crate) async fn revoke_sign_in_sessions(
    state: web::Data<State>,
    request: HttpRequest,
) -> HttpResponse {
    let caller = match Caller::of(
        &state,
        &request,
        &[
            "User.RevokeSessions.All",
            "User.ReadWrite",
            "Directory.ReadWrite.All",
        ],
    ) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    state.revoke(&caller.user.id);
    answer(&state, &request, &serde_json::json!({ "value": true }))
}
