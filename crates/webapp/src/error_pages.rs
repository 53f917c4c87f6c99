//! Adds a body to errors without one: a page for browsers, `application/problem+json` (RFC 9457) for
//! programs. Answers with a body of their own are not changed.

use aad_auth::User;
use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName},
    },
    middleware::Next,
    web::Data,
};
use serde::Serialize;

use crate::{
    pages::{Layout, Message, Site, Viewer, message},
    request_log::RequestId,
    views::Views,
};

/// The page where a template has failed.
const LAST_RESORT: &str = "<!doctype html><html lang=\"en-GB\"><title>Something went wrong</title>\
    <h1>Something went wrong on our side</h1><p>The error has been logged.</p>";

/// Headers of the bare answer that the page keeps.
const KEPT: [HeaderName; 4] = [
    header::ALLOW,
    header::RETRY_AFTER,
    header::SET_COOKIE,
    header::WWW_AUTHENTICATE,
];

#[derive(Serialize)]
struct ProblemBody {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// The middleware. It adds a body to bare errors.
pub async fn error_pages(
    site: Data<Site>,
    views: Data<Views>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if !is_bare(&response) {
        return Ok(response);
    }
    let (request, bare) = response.into_parts();
    if let Some(error) = bare.error()
        && bare.status().is_server_error()
    {
        tracing::error!(%error, "a handler failed");
    }
    let mut answer = respond(&site, &views, &request, bare.status());
    for name in &KEPT {
        for value in bare.headers().get_all(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

/// 404 for every address without a route. The page shows the signed-in user.
pub async fn not_found(
    request: HttpRequest,
    _user: Option<User>,
    site: Data<Site>,
    views: Data<Views>,
) -> HttpResponse {
    respond(&site, &views, &request, StatusCode::NOT_FOUND)
}

/// Renders a message in the site's layout.
pub fn page(
    site: &Site,
    views: &Views,
    request: &HttpRequest,
    viewer: Viewer,
    status: StatusCode,
    message: &Message,
) -> HttpResponse {
    let layout = Layout::new(site, request, viewer, message.title(), None);
    html(status, views.render("message.html", &layout, message))
}

/// Answers with a rendered template. A template that fails gives a page without details, and a log line.
pub fn html<E: std::fmt::Display>(status: StatusCode, rendered: Result<String, E>) -> HttpResponse {
    const HTML: &str = "text/html; charset=utf-8";
    match rendered {
        Ok(body) => HttpResponse::build(status).content_type(HTML).body(body),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError()
                .content_type(HTML)
                .body(LAST_RESORT)
        }
    }
}

/// Whether the client accepts HTML.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn respond(site: &Site, views: &Views, request: &HttpRequest, status: StatusCode) -> HttpResponse {
    let reference = RequestId::of(request);
    if !wants_html(request.headers()) {
        return problem(status, reference);
    }
    let message = match status {
        StatusCode::NOT_FOUND => message::not_found(site),
        StatusCode::SERVICE_UNAVAILABLE => message::unavailable(site, reference),
        status if status.is_server_error() => message::internal(site, reference),
        _ => message::refused(site, reference),
    };
    let user = User::known(request);
    page(
        site,
        views,
        request,
        Viewer::new(user.as_ref()),
        status,
        &message,
    )
}

fn problem(status: StatusCode, reference: Option<String>) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .insert_header((CONTENT_TYPE, "application/problem+json"))
        .json(ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            reference,
        })
}

/// Whether an answer is an error without a page. The framework's own errors are plain text or empty, and
/// may reveal internal details.
///
/// An answer with a Content-Security-Policy is complete, such as the frame for the provider.
fn is_bare(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    let body = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(CONTENT_SECURITY_POLICY)
        && !body.starts_with("text/html")
        && !body.contains("json")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn keeps_an_answer_that_has_a_policy_of_its_own() {
        let bare = |policy: Option<&str>| {
            let mut answer = HttpResponse::ServiceUnavailable();
            if let Some(policy) = policy {
                answer.insert_header((CONTENT_SECURITY_POLICY, policy));
            }
            let request = TestRequest::default().to_http_request();
            is_bare(&ServiceResponse::new(request, answer.finish()))
        };
        assert!(bare(None));
        assert!(!bare(Some("frame-ancestors https://login.example.test")));
    }
}
