use actix_web::HttpResponse;
use serde_json::json;
use url::Url;

use crate::aadsts::Refusal;
use crate::authority::issuer;
use crate::faults::{AuthorizeEdit, Effect, Endpoint};
use crate::http::{Origin, Trace, Verdict, trace_headers};
use crate::state::State;
use crate::sync::read;

use super::request::{AuthorizeRequest, ResponseMode};

/// The parameters of an authorization response, in order.
pub(super) type Response = Vec<(String, String)>;

/// Sends the parameters to the client in the way it asked for.
pub(super) fn respond(
    state: &State,
    origin: &Origin,
    trace: &Trace,
    request: &AuthorizeRequest,
    mut parameters: Response,
) -> HttpResponse {
    if let Some(value) = request.params.get("state") {
        parameters.push(("state".to_owned(), value.to_owned()));
    }
    let edits = state
        .faults
        .take(Endpoint::Authorize, |effect| match effect {
            Effect::AuthorizationResponse(edits) => Some(edits.clone()),
            _ => None,
        });
    edits
        .iter()
        .flatten()
        .for_each(|edit| apply(edit, state, origin, request, &mut parameters));
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
    trace_headers(&mut response, trace);
    response.extensions_mut().insert(Verdict(verdict));
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

fn apply(
    edit: &AuthorizeEdit,
    state: &State,
    origin: &Origin,
    request: &AuthorizeRequest,
    parameters: &mut Response,
) {
    let position =
        |parameters: &Response, name: &str| parameters.iter().position(|(known, _)| known == name);
    match edit {
        AuthorizeEdit::Set(name, value) => {
            match position(parameters, name).and_then(|at| parameters.get_mut(at)) {
                Some(parameter) => parameter.1.clone_from(value),
                None => parameters.push((name.clone(), value.clone())),
            }
        }
        AuthorizeEdit::Append(name, value) => parameters.push((name.clone(), value.clone())),
        AuthorizeEdit::Repeat(name) => {
            let again = position(parameters, name)
                .and_then(|at| parameters.get(at))
                .cloned();
            parameters.extend(again);
        }
        AuthorizeEdit::Remove(name) => parameters.retain(|(known, _)| known != name),
        AuthorizeEdit::Grow(name, length) => {
            if let Some(parameter) =
                position(parameters, name).and_then(|at| parameters.get_mut(at))
            {
                parameter.1.push_str(&"x".repeat((*length).min(MAX_GROWTH)));
            }
        }
        AuthorizeEdit::AddIssuer => {
            let directory = read(&state.directory);
            let tenant = request
                .authority
                .tenant()
                .or_else(|| directory.tenant(&request.application.tenant));
            parameters.extend(tenant.map(|tenant| ("iss".to_owned(), issuer(origin, tenant))));
        }
    }
}

const MAX_GROWTH: usize = 1 << 20;

fn redirect(location: String) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", location))
        .insert_header(("Cache-Control", "no-store, no-cache"))
        .insert_header(("Pragma", "no-cache"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .finish()
}

/// The empty fragment at the end keeps the browser from carrying an old one over (`entra.md` 2.2).
fn with_query(redirect_uri: &str, parameters: &Response) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!(
        "{}{separator}{}#",
        with_path(redirect_uri),
        encoded(parameters)
    )
}

fn with_fragment(redirect_uri: &str, parameters: &Response) -> String {
    format!("{}#{}", with_path(redirect_uri), encoded(parameters))
}

/// A redirect URI without a path gets one, except with `form_post`.
fn with_path(redirect_uri: &str) -> String {
    match redirect_uri.split_once("://") {
        Some((_, rest)) if !rest.contains(['/', '?']) => format!("{redirect_uri}/"),
        _ => redirect_uri.to_owned(),
    }
}

fn encoded(parameters: &Response) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

fn form_post(state: &State, redirect_uri: &str, parameters: &Response) -> HttpResponse {
    let fields: Vec<_> = parameters
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let context = json!({ "title": "Continue", "action": redirect_uri, "fields": fields });
    state
        .pages
        .with_form_target("form_post.html", &context, &origin_of(redirect_uri))
}

/// The origin that a form's answer may lead to, for the page's policy.
pub(super) fn origin_of(address: &str) -> String {
    Url::parse(address).map_or_else(
        |_| "'none'".to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}
