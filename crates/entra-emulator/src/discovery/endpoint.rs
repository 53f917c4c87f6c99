//! The endpoints of the discovery documents.

use actix_web::{HttpRequest, HttpResponse, web};

use super::metadata::{Version, metadata};
use crate::authority::Authority;
use crate::faults::Endpoint;
use crate::http::{Params, error_json, public_json, with_cors};
use crate::state::State;
use crate::sync::read;

/// Answers `GET /{tenant}[/{policy}]/v2.0/.well-known/openid-configuration`.
pub(crate) async fn discovery(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, Version::V2)
}

/// Answers `GET /{tenant}/.well-known/openid-configuration`.
pub(crate) async fn discovery_v1(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    answer(&state, &request, Version::V1)
}

fn answer(state: &State, request: &HttpRequest, version: Version) -> HttpResponse {
    let trace = state.trace(request);
    let authority = Authority::of(request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return with_cors(error_json(&state.origin, &trace, &refusal)),
    };
    let query = Params::parse(request.query_string().as_bytes());
    let origin = state.origin_for(request);
    let switches = read(&state.switches).clone();
    let mut document = metadata(version, &authority, &origin, query.get("appid"), &switches);
    state
        .faults
        .edit_document(Endpoint::Discovery, &mut document);
    public_json(&trace, document.to_text())
}
