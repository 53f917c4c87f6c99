//! The endpoints of the key sets.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::authority::{Authority, issuer, issuer_template};
use crate::directory::TenantKind;
use crate::faults::KeyList;
use crate::http::{Origin, Params, error_json, public_json, with_cors};
use crate::keys::{KeyScope, SigningKey, jwk};
use crate::state::State;
use crate::sync::{read, write};

/// Answers `GET /{tenant}[/{policy}]/discovery/v2.0/keys`.
pub(crate) async fn keys(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, |authority, origin| {
        KeyScope::Issuer(key_issuer(authority, origin))
    })
}

/// Answers `GET /{tenant}/discovery/keys`.
pub(crate) async fn keys_v1(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, |_, _| KeyScope::Legacy)
}

fn answer(
    state: &State,
    request: &HttpRequest,
    scope: fn(&Authority, &Origin) -> KeyScope,
) -> HttpResponse {
    let trace = state.trace(request);
    let authority = Authority::of(request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return with_cors(error_json(&state.origin, &trace, &refusal)),
    };
    let scope = scope(&authority, &state.origin_for(request));
    let query = Params::parse(request.query_string().as_bytes());
    public_json(&trace, key_set(state, &scope, query.get("appid")))
}

fn key_set(state: &State, scope: &KeyScope, app_id: Option<&str>) -> String {
    let own = app_id.and_then(|app_id| own_key(state, app_id));
    let ring = read(&state.keys);
    let mut list = KeyList::default();
    list.keys.extend(own.iter().map(|key| jwk(key, scope)));
    list.keys
        .extend(ring.published().iter().map(|key| jwk(key, scope)));
    let signing = own.map_or_else(|| ring.signing().kid.clone(), |key| key.kid.clone());
    drop(ring);
    state.faults.edit_keys(&mut list, &signing);
    list.to_text()
}

/// Returns the application's own key, which only the parameter `appid` publishes.
fn own_key(state: &State, app_id: &str) -> Option<Arc<SigningKey>> {
    let directory = read(&state.directory);
    let application = directory
        .application(app_id)
        .filter(|application| application.custom_signing_key)?;
    write(&state.keys).own_key(&application.app_id).ok()
}

/// Returns the issuer that the keys name: a template for work tenants, the tenant's issuer for others.
fn key_issuer(authority: &Authority, origin: &Origin) -> String {
    match authority.tenant() {
        Some(tenant) if tenant.kind != TenantKind::Workforce => issuer(origin, tenant),
        _ => issuer_template(origin),
    }
}
