use actix_web::{HttpRequest, HttpResponse, web};

use super::metadata::{metadata, metadata_v1};
use crate::authority::Authority;
use crate::faults::{Effect, Endpoint};
use crate::http::{Origin, Params, Trace, error_json, trace_headers, with_cors};
use crate::members::Members;
use crate::state::State;
use crate::switches::Switches;
use crate::sync::read;

/// `GET /{tenant}[/{policy}]/v2.0/.well-known/openid-configuration`
pub(crate) async fn discovery(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, metadata)
}

/// `GET /{tenant}/.well-known/openid-configuration`
pub(crate) async fn discovery_v1(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, metadata_v1)
}

fn answer(
    state: &State,
    request: &HttpRequest,
    document: fn(&Authority, &Origin, Option<&str>, &Switches) -> Members,
) -> HttpResponse {
    let trace = Trace::new(state, request);
    let authority = Authority::of(request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return with_cors(error_json(state, &trace, &refusal)),
    };
    let query = Params::parse(request.query_string().as_bytes());
    let origin = Origin::of(state, request);
    let switches = read(&state.switches).clone();
    let mut document = document(&authority, &origin, query.get("appid"), &switches);
    for edits in state.faults.take(Endpoint::Discovery, document_edits) {
        edits.iter().for_each(|edit| edit.apply(&mut document));
    }
    let mut response = HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header(("Cache-Control", "max-age=86400, private"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(document.to_text());
    trace_headers(&mut response, &trace);
    with_cors(response)
}

/// The edits of a document fault.
pub(crate) fn document_edits(effect: &Effect) -> Option<Vec<crate::jwt::MemberEdit>> {
    match effect {
        Effect::Document(edits) => Some(edits.clone()),
        _ => None,
    }
}
