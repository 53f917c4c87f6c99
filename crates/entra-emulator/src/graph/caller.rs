//! The caller of Graph, and Graph's answers.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::clock::iso;
use crate::directory::User;
use crate::encoding::is_guid;
use crate::faults::Endpoint;
use crate::http::{Verdict, json_text};
use crate::members::Members;
use crate::scope::GRAPH_APP_ID;
use crate::state::State;
use crate::sync::read;
use crate::token::verify_graph_token;

/// The user on whose behalf Graph is called, and the client's permissions.
pub(super) struct Caller {
    pub(super) user: User,
    pub(super) app_id: String,
    scopes: Vec<String>,
}

impl Caller {
    /// Reads the Graph token of a request, which must have one of these permissions. The error is the answer.
    pub(super) fn of(
        state: &State,
        request: &HttpRequest,
        any_of: &[&str],
    ) -> Result<Self, Box<HttpResponse>> {
        let caller = Self::of_token(state, request)?;
        if any_of.iter().any(|scope| caller.has(scope)) {
            return Ok(caller);
        }
        Err(Box::new(error(
            state,
            request,
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )))
    }

    fn of_token(state: &State, request: &HttpRequest) -> Result<Self, Box<HttpResponse>> {
        let verified = bearer_token(request).and_then(|token| verify_graph_token(state, token));
        let claims = verified.ok_or_else(|| Box::new(unauthenticated(state, request)))?;
        let user = claims
            .user
            .and_then(|id| read(&state.directory).user(&id).cloned());
        let user = user.ok_or_else(|| {
            Box::new(error(
                state,
                request,
                400,
                "Request_BadRequest",
                "/me request is only valid with delegated authentication flow.",
            ))
        })?;
        Ok(Self {
            user,
            app_id: claims.app_id,
            scopes: claims.scopes,
        })
    }

    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Answers with an error, as Graph does.
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
    add_ids(&mut response, &id, &client_id);
    Verdict(code.to_owned()).record(&mut response);
    response
}

/// Answers with a JSON object, as Graph does.
pub(super) fn answer(state: &State, request: &HttpRequest, body: &Value) -> HttpResponse {
    let (id, client_id) = request_ids(state, request);
    let mut members = Members::of(body);
    state.faults.edit_document(Endpoint::Graph, &mut members);
    let mut response = json_text(200, members.to_text());
    add_ids(&mut response, &id, &client_id);
    response
}

fn unauthenticated(state: &State, request: &HttpRequest) -> HttpResponse {
    let mut response = error(
        state,
        request,
        401,
        "InvalidAuthenticationToken",
        "Access token validation failure. Invalid audience, signature or time.",
    );
    let origin = state.origin_for(request).url();
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{origin}/common/oauth2/authorize\", client_id=\"{GRAPH_APP_ID}\""
    );
    if let Ok(value) = challenge.parse() {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
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
    let client_id = given.filter(|id| is_guid(id)).unwrap_or(&id).to_owned();
    (id, client_id)
}

fn add_ids(response: &mut HttpResponse, id: &str, client_id: &str) {
    for (name, value) in [("request-id", id), ("client-request-id", client_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
