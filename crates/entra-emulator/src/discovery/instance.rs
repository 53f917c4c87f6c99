//! Instance discovery, by which MSAL asks whether a host is an authority.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use url::Url;

use crate::aadsts::Refusal;
use crate::http::{Params, error_json, json_text, with_cors};
use crate::state::State;

/// Answers `GET /common/discovery/instance`: this host, and no other, is an authority.
pub(crate) async fn instance(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let trace = state.trace(&request);
    let origin = state.origin_for(&request);
    let query = Params::parse(request.query_string().as_bytes());
    let asked = query
        .get("authorization_endpoint")
        .and_then(|endpoint| Url::parse(endpoint).ok());
    let own = Url::parse(&origin.url()).ok();
    let Some(asked) = asked.filter(|asked| own.is_some_and(|own| own.origin() == asked.origin()))
    else {
        let refusal = Refusal::new("invalid_instance", 50_049, "Unknown or invalid instance.")
            .advise("The emulator knows no host but its own.");
        return with_cors(error_json(&state.origin, &trace, &refusal));
    };
    let tenant = asked
        .path_segments()
        .and_then(|mut segments| segments.next())
        .unwrap_or("common")
        .to_owned();
    let host = origin.authority();
    let body = json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", origin.url()),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    });
    with_cors(json_text(200, body.to_string()))
}
