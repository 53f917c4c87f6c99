//! The revocation endpoint (RFC 7009).

use actix_web::{HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::http::{Params, error_json};
use crate::state::State;
use crate::sync::{lock, read};

use super::client_auth::{authenticate, copy_basic_credentials};
use super::refresh_token::RefreshToken;

/// Answers `POST /{tenant}[/{policy}]/oauth2/v2.0/revoke`; 404 unless the switch is on, because the platform has none.
pub(crate) async fn revoke(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    if !read(&state.switches).revocation_endpoint {
        return HttpResponse::NotFound().finish();
    }
    match revoke_token(&state, &request, &body) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => error_json(&state.origin, &state.trace(&request), &refusal),
    }
}

/// Revokes a token; one that is unknown or another client's is no error (RFC 7009 section 2.2).
fn revoke_token(state: &State, request: &HttpRequest, body: &[u8]) -> Result<(), Refusal> {
    let mut params = Params::parse(body);
    let directory = read(&state.directory);
    let authority = Authority::of(request, &directory)?;
    copy_basic_credentials(request, &mut params)?;
    let application = authority.client(&params, &directory)?;
    drop(directory);
    authenticate(state, &application, &authority, &params, false)?;
    let opened = RefreshToken::open(state, params.require("token")?);
    if let Some(token) = opened.filter(|token| token.app_id == application.app_id) {
        lock(&state.grants).revoke_family(&token.family);
    }
    Ok(())
}
