//! Which pages may ask the token endpoint (`entra.md` 3.1): those of single-page applications, and no others.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::aadsts::Refusal;
use crate::authorize::Platform;

/// `OPTIONS` on the token endpoint.
pub(crate) async fn token_preflight(request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok().finish();
    allow(&request, response.headers_mut());
    let methods = HeaderValue::from_static("POST, OPTIONS");
    response.headers_mut().insert(
        HeaderName::from_static("access-control-allow-methods"),
        methods,
    );
    if let Some(asked) = request.headers().get("access-control-request-headers") {
        response.headers_mut().insert(
            HeaderName::from_static("access-control-allow-headers"),
            asked.clone(),
        );
    }
    response
}

/// Lets the asking page read the answer.
pub(super) fn allow(request: &HttpRequest, headers: &mut HeaderMap) {
    if let Some(origin) = request.headers().get("origin") {
        headers.insert(
            HeaderName::from_static("access-control-allow-origin"),
            origin.clone(),
        );
        headers.insert(
            HeaderName::from_static("vary"),
            HeaderValue::from_static("Origin"),
        );
    }
}

/// Codes of single-page applications are redeemed across origins only, all others never.
pub(super) fn check_origin(request: &HttpRequest, platform: Platform) -> Result<(), Refusal> {
    let cross_origin = request.headers().contains_key("origin");
    match (platform, cross_origin) {
        (Platform::SinglePage, false) => Err(Refusal::invalid_request(
            9_002_325,
            "Proof Key for Code Exchange is required for cross-origin authorization code redemption: the redirect URI is registered for single-page applications, and a server redeems the code.",
        )
        .advise("Move the redirect URI to the platform Web.")),
        (Platform::Web, true) => Err(Refusal::invalid_request(
            9_002_326,
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
        )),
        _ => Ok(()),
    }
}
