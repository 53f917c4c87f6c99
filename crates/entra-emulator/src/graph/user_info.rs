use actix_web::{HttpRequest, HttpResponse, web};

use crate::discovery::document_edits;
use crate::faults::Endpoint;
use crate::http::{Origin, json_text};
use crate::members::Members;
use crate::state::State;
use crate::token::pairwise_subject;

use super::caller::{Caller, answer};

/// `GET|POST /oidc/userinfo` (`entra.md` 1.2).
pub(crate) async fn user_info(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let caller = match Caller::of(&state, &request, &["openid"]) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let user = &caller.user;
    let mut body = Members::default();
    // The ID token of the same client has the same subject.
    body.set("sub", pairwise_subject(&caller.app_id, &user.id));
    body.set("name", &user.display_name);
    body.set_some("family_name", user.surname.as_ref());
    body.set_some("given_name", user.given_name.as_ref());
    body.set(
        "picture",
        format!(
            "{}/v1.0/me/photo/$value",
            Origin::of(&state, &request).url()
        ),
    );
    if caller.has("email") {
        body.set_some("email", user.mail.as_ref());
    }
    for edits in state.faults.take(Endpoint::UserInfo, document_edits) {
        edits.iter().for_each(|edit| edit.apply(&mut body));
    }
    json_text(200, body.to_text())
}

/// `POST /v1.0/me/revokeSignInSessions` (`entra.md` 6.3): refresh tokens, cookies and Graph tokens of the user end.
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
