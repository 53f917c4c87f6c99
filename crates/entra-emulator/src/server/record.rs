//! Middleware: records requests and their outcome in the journal.

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};

use crate::faults::Endpoint;
use crate::http::{Params, RecordedCall, Verdict};
use crate::state::State;

/// The `grant_type` of a token request, for faults of one grant only.
#[derive(Clone)]
pub(super) struct GrantType(pub(super) String);

/// Records every request to a protocol endpoint.
pub(super) async fn record<B: MessageBody + 'static>(
    state: web::Data<State>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let endpoint = Endpoint::of_path(request.path());
    if matches!(endpoint, Endpoint::Own | Endpoint::Control) {
        return next.call(request).await;
    }
    let form = form_body(&mut request).await;
    if let Some(grant_type) = Params::parse(&form).get("grant_type") {
        let grant_type = GrantType(truncated(grant_type));
        request.extensions_mut().insert(grant_type);
    }
    let number = state.journal.begin(call(&state, endpoint, &request, &form));
    let response = next.call(request).await?;
    let verdict = response
        .response()
        .extensions()
        .get::<Verdict>()
        .map(|verdict| verdict.0.clone());
    let verdict = verdict.unwrap_or_else(|| {
        if response.status().as_u16() < 400 {
            "ok"
        } else {
            "refused"
        }
        .to_owned()
    });
    state
        .journal
        .finish(number, response.status().as_u16(), verdict);
    Ok(response)
}

/// Reads the body of a form and puts it back; a body above the server's limit counts as empty.
async fn form_body(request: &mut ServiceRequest) -> Vec<u8> {
    if !request
        .content_type()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Vec::new();
    }
    let bytes = request.extract::<web::Bytes>().await.unwrap_or_default();
    request.set_payload(Payload::from(bytes.clone()));
    bytes.into()
}

fn call(state: &State, endpoint: Endpoint, request: &ServiceRequest, form: &[u8]) -> RecordedCall {
    let mut secrets = Vec::new();
    let query = fields(request.query_string().as_bytes(), &mut secrets);
    let form = fields(form, &mut secrets);
    RecordedCall {
        number: 0,
        at: state.clock.now(),
        endpoint,
        method: request.method().to_string(),
        path: truncated(request.path()),
        query,
        form,
        headers: headers(request, &mut secrets),
        status: 0,
        verdict: "pending".to_owned(),
        secrets,
    }
}

/// The fields that the start page and failed assertions must not show.
const SECRET: [&str; 11] = [
    "client_secret",
    "code",
    "code_verifier",
    "refresh_token",
    "assertion",
    "client_assertion",
    "id_token_hint",
    "access_token",
    "request",
    "password",
    "authorization",
];
const MAX_FIELDS: usize = 64;
/// Characters.
const MAX_VALUE: usize = 4_096;

fn fields(text: &[u8], secrets: &mut Vec<(String, String)>) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(text).take(MAX_FIELDS);
    pairs
        .map(|(name, value)| redact(truncated(&name), &value, secrets))
        .collect()
}

fn redact(name: String, value: &str, secrets: &mut Vec<(String, String)>) -> (String, String) {
    if SECRET.contains(&name.as_str()) {
        secrets.push((name.clone(), truncated(value)));
        return (name, "[redacted]".to_owned());
    }
    (name, truncated(value))
}

fn headers(request: &ServiceRequest, secrets: &mut Vec<(String, String)>) -> Vec<(String, String)> {
    let fields = request
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str() != "cookie")
        .take(MAX_FIELDS);
    let text = |value: &actix_web::http::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    fields
        .map(|(name, value)| {
            let value = text(value);
            if name.as_str() == "authorization" {
                secrets.push(("authorization".to_owned(), truncated(&value)));
                let scheme = value.split_whitespace().next().unwrap_or_default();
                return ("authorization".to_owned(), scheme.to_owned());
            }
            (name.to_string(), truncated(&value))
        })
        .collect()
}

fn truncated(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}
