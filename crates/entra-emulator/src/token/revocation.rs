use actix_web::{HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::http::{Params, Trace, error_json};
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::{lock, read};

use super::client_auth::{authenticate, client, fold_basic};
use super::refresh_token::RefreshToken;

/// `POST /{tenant}[/{policy}]/oauth2/v2.0/revoke` (RFC 7009), by switch only: the platform has none.
pub(crate) async fn revoke(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    if !read(&state.switches).revocation_endpoint {
        return HttpResponse::NotFound().finish();
    }
    match revoked(&state, &request, &body) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => error_json(&state, &Trace::new(&state, &request), &refusal),
    }
}

/// A token that is unknown, or another client's, is none to revoke and no error (section 2.2).
fn revoked(state: &State, request: &HttpRequest, body: &[u8]) -> Result<(), Refusal> {
    let mut params = Params::parse(body);
    let directory = read(&state.directory);
    let authority = Authority::of(request, &directory)?;
    fold_basic(request, &mut params)?;
    let application = client(&authority, &params, &directory)?;
    drop(directory);
    authenticate(state, &application, &authority, &params, false)?;
    let token = params
        .get("token")
        .ok_or_else(|| Refusal::missing("token"))?;
    let opened = token.strip_prefix("1.").and_then(|text| {
        state
            .sealer
            .open::<RefreshToken>(Purpose::RefreshToken, text)
    });
    if let Some(token) = opened.filter(|token| token.app_id == application.app_id) {
        lock(&state.grants).revoke_family(&token.family);
    }
    Ok(())
}
