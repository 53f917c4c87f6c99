use actix_web::{HttpRequest, HttpResponse, web};

use crate::authority::{Authority, issuer};
use crate::directory::TenantKind;
use crate::faults::{Effect, Endpoint, KeyList};
use crate::http::{Origin, Params, Trace, error_json, trace_headers, with_cors};
use crate::keys::{KeyScope, jwk};
use crate::state::State;
use crate::sync::{read, write};

/// `GET /{tenant}[/{policy}]/discovery/v2.0/keys`
pub(crate) async fn keys(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, |authority, origin| {
        KeyScope::Issuer(key_issuer(authority, origin))
    })
}

/// `GET /{tenant}/discovery/keys`
pub(crate) async fn keys_v1(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, |_, _| KeyScope::Legacy)
}

fn answer(
    state: &State,
    request: &HttpRequest,
    scope: fn(&Authority, &Origin) -> KeyScope,
) -> HttpResponse {
    let trace = Trace::new(state, request);
    let authority = Authority::of(request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return with_cors(error_json(state, &trace, &refusal)),
    };
    let scope = scope(&authority, &Origin::of(state, request));
    let query = Params::parse(request.query_string().as_bytes());
    let text = key_set(state, &scope, query.get("appid"));
    let mut response = HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header(("Cache-Control", "max-age=86400, private"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text);
    trace_headers(&mut response, &trace);
    with_cors(response)
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
    let edits = state.faults.take(Endpoint::Keys, |effect| match effect {
        Effect::KeySet(edits) => Some(edits.clone()),
        _ => None,
    });
    edits
        .iter()
        .flatten()
        .for_each(|edit| edit.apply(&mut list, &signing));
    list.to_text()
}

/// Keys of single applications are published to those who ask for them (`entra.md` 1.3).
fn own_key(state: &State, app_id: &str) -> Option<std::sync::Arc<crate::keys::SigningKey>> {
    let directory = read(&state.directory);
    let application = directory
        .application(app_id)
        .filter(|application| application.custom_signing_key)?;
    write(&state.keys).own_key(&application.app_id).ok()
}

/// Keys for every work tenant carry the template; those of other authorities the concrete issuer.
fn key_issuer(authority: &Authority, origin: &Origin) -> String {
    match authority.tenant() {
        Some(tenant) if tenant.kind != TenantKind::Workforce => issuer(origin, tenant),
        _ => format!("{}/{{tenantid}}/v2.0", origin.url()),
    }
}
