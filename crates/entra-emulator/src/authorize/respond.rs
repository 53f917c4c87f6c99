//! Sends an authorization response to the client.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use serde_json::json;

use crate::aadsts::Refusal;
use crate::http::{Origin, Trace, Verdict};
use crate::pages::form_target;
use crate::state::State;

use super::request::{AuthorizeRequest, ResponseMode};
use super::response_edit::apply_faults;

/// The parameters of an authorization response, in order.
pub(super) type ResponseParameters = Vec<(String, String)>;

/// Sends the parameters to the client in the requested response mode.
pub(super) fn respond(
    state: &State,
    origin: &Origin,
    trace: &Trace,
    request: &AuthorizeRequest,
    mut parameters: ResponseParameters,
) -> HttpResponse {
    if let Some(value) = request.params.get("state") {
        parameters.push(("state".to_owned(), value.to_owned()));
    }
    apply_faults(state, origin, request, &mut parameters);
    let verdict = parameters
        .iter()
        .find(|(name, _)| name == "error")
        .map_or("ok", |(_, error)| error)
        .to_owned();
    let mut response = match request.response_mode() {
        ResponseMode::Query => redirect(with_query(&request.redirect_uri, &parameters)),
        ResponseMode::Fragment => redirect(with_fragment(&request.redirect_uri, &parameters)),
        ResponseMode::FormPost => form_post(state, &request.redirect_uri, &parameters),
    };
    trace.add_headers(&mut response);
    Verdict(verdict).record(&mut response);
    response
}

/// Sends a refusal to the client.
pub(super) fn refuse(
    state: &State,
    origin: &Origin,
    trace: &Trace,
    request: &AuthorizeRequest,
    refusal: &Refusal,
) -> HttpResponse {
    let mut description = trace.describe(refusal);
    if request.authority.policy.is_some() {
        description = description.replacen("AADSTS", "AADB2C", 1);
    }
    let mut parameters = vec![
        ("error".to_owned(), refusal.error.to_owned()),
        ("error_description".to_owned(), description),
        (
            "error_uri".to_owned(),
            format!("{}/error?code={}", origin.url(), refusal.code),
        ),
    ];
    if let Some(suberror) = refusal.suberror {
        parameters.push(("error_subcode".to_owned(), suberror.to_owned()));
    }
    respond(state, origin, trace, request, parameters)
}

fn redirect(location: String) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", location))
        .insert_header(("Cache-Control", "no-store, no-cache"))
        .insert_header(("Pragma", "no-cache"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .finish()
}

/// Adds the parameters as a query, and an empty fragment, so that the browser does not keep an old one.
fn with_query(redirect_uri: &str, parameters: &ResponseParameters) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!(
        "{}{separator}{}#",
        with_path(redirect_uri),
        encoded(parameters)
    )
}

fn with_fragment(redirect_uri: &str, parameters: &ResponseParameters) -> String {
    format!("{}#{}", with_path(redirect_uri), encoded(parameters))
}

/// Adds a path to a redirect URI that has none, as the platform does except with `form_post`.
fn with_path(redirect_uri: &str) -> String {
    match redirect_uri.split_once("://") {
        Some((_, rest)) if !rest.contains(['/', '?']) => format!("{redirect_uri}/"),
        _ => redirect_uri.to_owned(),
    }
}

fn encoded(parameters: &ResponseParameters) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

fn form_post(state: &State, redirect_uri: &str, parameters: &ResponseParameters) -> HttpResponse {
    let fields: Vec<_> = parameters
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let context = json!({ "title": "Continue", "action": redirect_uri, "fields": fields });
    state
        .pages
        .with_form_target("form_post.html", &context, &form_target(redirect_uri))
}

/// Adds the sign-in cookie to an answer.
pub(super) fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        tracing::warn!(%error, "the sign-in cookie cannot be set");
    }
}
