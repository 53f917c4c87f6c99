//! JSON answers: errors of the token endpoint, documents and cross-origin headers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};

use super::{Origin, Trace, Verdict};
use crate::aadsts::Refusal;
use crate::clock::error_date;
use crate::members::Members;

/// Answers with the error JSON of the token endpoint. `emulator` is the origin of `error_uri`.
pub(crate) fn error_json(emulator: &Origin, trace: &Trace, refusal: &Refusal) -> HttpResponse {
    let mut body = Members::default();
    body.set("error", refusal.error);
    body.set("error_description", trace.describe(refusal));
    body.set("error_codes", [refusal.code]);
    body.set("timestamp", error_date(trace.now));
    body.set("trace_id", &trace.trace_id);
    body.set("correlation_id", &trace.correlation_id);
    body.set(
        "error_uri",
        format!("{}/error?code={}", emulator.url(), refusal.code),
    );
    body.set_some("suberror", refusal.suberror);
    let mut response = json_text(refusal.status(), body.to_text());
    trace.add_headers(&mut response);
    Verdict::of(refusal).record(&mut response);
    response
}

/// Answers with JSON that must not be stored.
///
/// Unlike the platform's answers it has no `Strict-Transport-Security`: the browser would then refuse http on every port
/// of localhost.
pub(crate) fn json_text(status: u16, text: String) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .content_type("application/json; charset=utf-8")
        .insert_header(("Cache-Control", "no-store, no-cache"))
        .insert_header(("Pragma", "no-cache"))
        .insert_header(("Expires", "-1"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text)
}

/// Answers with a document that pages of any origin may read and clients may keep for a day.
pub(crate) fn public_json(trace: &Trace, text: String) -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header(("Cache-Control", "max-age=86400, private"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text);
    trace.add_headers(&mut response);
    with_cors(response)
}

/// Lets pages of any origin read the answer.
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
