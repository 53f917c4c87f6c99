//! The answers' common parts: identifiers of a request, error JSON, cross-origin headers.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::Verdict;
use crate::aadsts::Refusal;
use crate::clock::with_space;
use crate::encoding::is_guid;
use crate::members::Members;
use crate::state::State;

/// The identifiers of one request, as every answer carries them.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// `x-ms-request-id`, Trace ID.
    pub(crate) trace_id: String,
    /// Correlation ID: the caller's `client-request-id` when it gave one.
    pub(crate) correlation_id: String,
    /// Seconds since the epoch.
    pub(crate) now: i64,
}

impl Trace {
    pub(crate) fn new(state: &State, request: &HttpRequest) -> Self {
        let query = super::Params::parse(request.query_string().as_bytes());
        let header = request
            .headers()
            .get("client-request-id")
            .and_then(|value| value.to_str().ok());
        let given = header
            .or_else(|| query.get("client-request-id"))
            .filter(|id| is_guid(id))
            .map(str::to_owned);
        Self {
            trace_id: state.random.guid(),
            correlation_id: given.unwrap_or_else(|| state.random.guid()),
            now: state.clock.now(),
        }
    }

    /// The description with the identifiers behind it, lines ended by CR LF (`entra.md` 2.3).
    pub(crate) fn describe(&self, refusal: &Refusal) -> String {
        format!(
            "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            refusal.code,
            refusal.message,
            self.trace_id,
            self.correlation_id,
            with_space(self.now)
        )
    }
}

/// The error JSON of the token endpoint (`entra.md` 3.5).
pub(crate) fn error_json(state: &State, trace: &Trace, refusal: &Refusal) -> HttpResponse {
    let mut body = Members::default();
    body.set("error", refusal.error);
    body.set("error_description", trace.describe(refusal));
    body.set("error_codes", [refusal.code]);
    body.set("timestamp", with_space(trace.now));
    body.set("trace_id", &trace.trace_id);
    body.set("correlation_id", &trace.correlation_id);
    body.set(
        "error_uri",
        format!("{}/error?code={}", state.origin.url(), refusal.code),
    );
    body.set_some("suberror", refusal.suberror);
    body.set_some("claims", refusal.claims.as_ref());
    let mut response = json_text(refusal.status(), body.to_text());
    trace_headers(&mut response, trace);
    response
        .extensions_mut()
        .insert(Verdict(format!("AADSTS{}", refusal.code)));
    response
}

/// A JSON answer that nobody may keep. Unlike the platform's it has no `Strict-Transport-Security`: that would close
/// every plain port of localhost to the browser that sees it.
pub(crate) fn json_text(status: u16, text: String) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .content_type("application/json; charset=utf-8")
        .insert_header(("Cache-Control", "no-store, no-cache"))
        .insert_header(("Pragma", "no-cache"))
        .insert_header(("Expires", "-1"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text)
}

/// `x-ms-request-id`, and the caller's own id.
pub(crate) fn trace_headers(response: &mut HttpResponse, trace: &Trace) {
    for (name, value) in [
        ("x-ms-request-id", &trace.trace_id),
        ("client-request-id", &trace.correlation_id),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response.headers_mut().insert(
        HeaderName::from_static("x-ms-ests-server"),
        HeaderValue::from_static("local-emulator"),
    );
    response.headers_mut().insert(
        HeaderName::from_static("x-ms-clitelem"),
        HeaderValue::from_static("1,0,0,,"),
    );
}

/// Lets any page of any origin read the answer.
pub(crate) fn with_cors(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("access-control-allow-origin"),
        HeaderValue::from_static("*"),
    );
    headers.insert(
        HeaderName::from_static("access-control-allow-methods"),
        HeaderValue::from_static("GET, OPTIONS"),
    );
    response
}
