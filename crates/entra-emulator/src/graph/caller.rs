use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::clock::iso;
use crate::directory::User;
use crate::discovery::document_edits;
use crate::faults::Endpoint;
use crate::http::{Origin, Verdict, json_text};
use crate::jwt::MemberEdit;
use crate::members::Members;
use crate::scope::GRAPH_APP_ID;
use crate::state::State;
use crate::sync::read;
use crate::token::verify_graph_token;

/// A user on whose behalf Graph is called.
pub(super) struct Caller {
    pub(super) user: User,
    pub(super) app_id: String,
    scopes: Vec<String>,
}

impl Caller {
    /// The caller, when the request brings a Graph token with one of these permissions.
    pub(super) fn of(
        state: &State,
        request: &HttpRequest,
        any_of: &[&str],
    ) -> Result<Self, Box<HttpResponse>> {
        let header = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let token = header
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let verified = token.and_then(|(_, token)| verify_graph_token(state, token.trim()));
        let Some(caller) = verified else {
            return Err(Box::new(unauthenticated(state, request)));
        };
        let user = caller
            .user
            .and_then(|id| read(&state.directory).user(&id).cloned());
        let Some(user) = user else {
            return Err(Box::new(error(
                state,
                request,
                400,
                "Request_BadRequest",
                "/me request is only valid with delegated authentication flow.",
            )));
        };
        let found = Self {
            user,
            app_id: caller.app_id,
            scopes: caller.scopes,
        };
        if any_of.iter().any(|scope| found.has(scope)) {
            return Ok(found);
        }
        Err(Box::new(error(
            state,
            request,
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )))
    }

    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// The error body of Graph.
pub(super) fn error(
    state: &State,
    request: &HttpRequest,
    status: u16,
    code: &str,
    message: &str,
) -> HttpResponse {
    let (id, client_id) = request_ids(state, request);
    let body = json!({ "error": { "code": code, "message": message, "innerError": {
        "date": iso(state.clock.now()).trim_end_matches('Z'), "request-id": id, "client-request-id": client_id } } });
    let mut response = json_text(status, body.to_string());
    with_ids(&mut response, &id, &client_id);
    response.extensions_mut().insert(Verdict(code.to_owned()));
    response
}

/// A JSON answer of Graph.
pub(super) fn answer(state: &State, request: &HttpRequest, body: &Value) -> HttpResponse {
    let (id, client_id) = request_ids(state, request);
    let edits = state.faults.take(Endpoint::Graph, document_edits);
    let text = if edits.is_empty() {
        body.to_string()
    } else {
        edited(body, &edits)
    };
    let mut response = json_text(200, text);
    with_ids(&mut response, &id, &client_id);
    response
}

fn edited(body: &Value, edits: &[Vec<MemberEdit>]) -> String {
    let mut members = Members::of(body);
    edits
        .iter()
        .flatten()
        .for_each(|edit| edit.apply(&mut members));
    members.to_text()
}

fn unauthenticated(state: &State, request: &HttpRequest) -> HttpResponse {
    let mut response = error(
        state,
        request,
        401,
        "InvalidAuthenticationToken",
        "Access token validation failure. Invalid audience, signature or time.",
    );
    let origin = Origin::of(state, request).url();
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{origin}/common/oauth2/authorize\", client_id=\"{GRAPH_APP_ID}\""
    );
    if let Ok(value) = challenge.parse() {
        response
            .headers_mut()
            .insert(actix_web::http::header::WWW_AUTHENTICATE, value);
    }
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

fn request_ids(state: &State, request: &HttpRequest) -> (String, String) {
    let id = state.random.guid();
    let given = request
        .headers()
        .get("client-request-id")
        .and_then(|value| value.to_str().ok());
    let client_id = given
        .filter(|id| crate::encoding::is_guid(id))
        .unwrap_or(&id)
        .to_owned();
    (id, client_id)
}

fn with_ids(response: &mut HttpResponse, id: &str, client_id: &str) {
    use actix_web::http::header::{HeaderName, HeaderValue};
    for (name, value) in [("request-id", id), ("client-request-id", client_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
