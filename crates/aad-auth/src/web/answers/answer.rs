//! The crate's own answers: strict headers on each, whatever the host application sets.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;

use crate::web::{
    instance::Auth,
    pages::{Asset, PageKind, PageModel},
    request::{RequestKind, request_kind},
};

/// A redirect that is never cached.
pub(in crate::web) fn redirect(status: StatusCode, location: &str) -> HttpResponseBuilder {
    let mut response = strict(status, "'self'");
    response.insert_header((header::LOCATION, location));
    response
}

/// Adds `Set-Cookie` headers.
pub(in crate::web) fn append_cookies(response: &mut HttpResponse, cookies: [String; 2]) {
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// An HTML page.
pub(in crate::web) fn page(auth: &Auth, request: &HttpRequest, page: &PageModel) -> HttpResponse {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::BAD_REQUEST);
    let html = auth
        .pages()
        .and_then(|pages| pages.render(page, request))
        .unwrap_or_else(|| auth.page_writer().page(page));
    let mut response = strict(status, "'self'");
    // The address of a failed sign-in may carry a code, so it is sent to no other page. Any other page may
    // have a form of ours. Without a referrer its `Origin` would be `null` (Fetch standard, section 3.2),
    // and the cross-site check would refuse it.
    if !matches!(
        page.kind,
        PageKind::SignInFailed | PageKind::AddressShortened
    ) {
        response.insert_header((header::REFERRER_POLICY, "same-origin"));
    }
    response.content_type("text/html; charset=utf-8").body(html)
}

/// A page, or a problem document (RFC 9457) where a script has asked.
pub(in crate::web) fn page_or_problem(
    auth: &Auth,
    request: &HttpRequest,
    model: &PageModel,
) -> HttpResponse {
    let kind = request_kind(request.method(), request.headers());
    if kind != RequestKind::Script {
        return page(auth, request, model);
    }
    let status = StatusCode::from_u16(model.status).unwrap_or(StatusCode::BAD_REQUEST);
    let code = model.support.as_ref().map(|support| support.code.as_str());
    let problem = ProblemDetails {
        r#type: "about:blank",
        title: &model.title,
        status: model.status,
        detail: &model.message,
        reason: code.unwrap_or_default(),
        reference: model
            .support
            .as_ref()
            .map(|support| support.reference.as_str()),
        login_url: None,
    };
    problem_response(status, &problem)
}

/// A problem document (RFC 9457) with the extension members `reason`, `reference` and `login_url`.
#[derive(Serialize)]
pub(in crate::web) struct ProblemDetails<'a> {
    pub(in crate::web) r#type: &'a str,
    pub(in crate::web) title: &'a str,
    pub(in crate::web) status: u16,
    pub(in crate::web) detail: &'a str,
    pub(in crate::web) reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::web) reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::web) login_url: Option<&'a str>,
}

pub(in crate::web) fn problem_response(
    status: StatusCode,
    problem: &ProblemDetails<'_>,
) -> HttpResponse {
    hardened(status, HeaderValue::from_static(NOTHING_LOADED))
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        ))
        .body(serde_json::to_string(problem).unwrap_or_default())
}

/// The policy of documents that are no pages.
const NOTHING_LOADED: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                              frame-ancestors 'none'";

/// A response with the headers of all our pages.
pub(in crate::web) fn strict(status: StatusCode, form_action: &str) -> HttpResponseBuilder {
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'; base-uri 'none'; form-action {form_action}; \
         frame-ancestors 'none'"
    );
    // Never the fallback: an origin is ASCII.
    let policy = HeaderValue::try_from(policy);
    hardened(
        status,
        policy.unwrap_or(HeaderValue::from_static(NOTHING_LOADED)),
    )
}

/// A response with the headers that pages, problem documents and assets share, and their policy.
///
/// None of them is parsed or copied, since a flood of bad tokens is answered with them too.
fn hardened(status: StatusCode, policy: HeaderValue) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ))
        .insert_header((
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .insert_header((header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")));
    response
}

/// A file of the crate's pages. Its address has the hash of its content, so that caches keep it for ever.
pub(in crate::web) fn asset(asset: &Asset) -> HttpResponse {
    let mut response = passing_asset(asset);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, IMMUTABLE);
    response
}

/// The same for a name that is not the file's own: no cache may keep it under that name.
pub(in crate::web) fn passing_asset(asset: &Asset) -> HttpResponse {
    hardened(StatusCode::OK, asset.policy.clone())
        .insert_header((header::CONTENT_TYPE, asset.content_type.clone()))
        .body(asset.bytes.clone())
}

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// An empty answer that the provider's sign-out page may frame.
///
/// It has each header that an application may add to answers without one, so that none forbids the frame.
pub(in crate::web) fn frame(auth: &Auth, status: StatusCode) -> HttpResponseBuilder {
    let ancestors = auth.frame_ancestors();
    let policy = format!("default-src 'none'; base-uri 'none'; frame-ancestors {ancestors}");
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"));
    response
}
