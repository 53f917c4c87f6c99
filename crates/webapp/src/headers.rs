//! Security headers of all answers. A header that an answer has already is kept: `aad-auth` sets stricter
//! ones on its own routes.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue,
        REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    },
    middleware::Next,
    web::Data,
};

use crate::server::BareHeaders;

/// The headers of every answer.
#[derive(Clone)]
pub struct SecurityHeaders {
    fixed: Vec<(HeaderName, HeaderValue)>,
}

impl SecurityHeaders {
    /// Headers for a base URL with https, or with http.
    pub fn new(https: bool) -> Self {
        let mut fixed = vec![
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // Not no-referrer, which makes the Origin of our own forms "null" (Fetch 3.2).
            (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(
                    "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
                ),
            ),
            // Pages show the signed-in user. Static files have a header of their own.
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        if https {
            let year = HeaderValue::from_static("max-age=31536000");
            fixed.push((STRICT_TRANSPORT_SECURITY, year));
        }
        Self { fixed }
    }

    /// Headers for answers without a body that Actix gives before it calls the application.
    pub fn for_bare_answers(&self) -> BareHeaders {
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        let fixed = self.fixed.iter().map(|(name, value)| (name, value));
        BareHeaders::new(fixed.chain([(&CONTENT_SECURITY_POLICY, &policy)]))
    }

    fn apply(&self, to: &mut HeaderMap) {
        for (name, value) in &self.fixed {
            if !to.contains_key(name) {
                to.insert(name.clone(), value.clone());
            }
        }
        if !to.contains_key(CONTENT_SECURITY_POLICY) {
            to.insert(CONTENT_SECURITY_POLICY, POLICY);
        }
    }
}

/// The middleware; [`SecurityHeaders`] come from the application's data.
pub async fn security_headers(
    headers: Data<SecurityHeaders>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    headers.apply(response.headers_mut());
    Ok(response)
}

/// Nothing inline, nothing from other origins, no frames, no DOM sinks.
///
/// The sign-out form needs no further address in `form-action`: its answer is a page that sends the browser
/// on, and no redirect.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test as web_test, web};

    use super::*;

    #[actix_web::test]
    async fn every_answer_has_the_headers_and_keeps_its_own() {
        let headers = SecurityHeaders::new(true);
        let own = || async {
            HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "public, no-cache"))
                .finish()
        };
        let app = web_test::init_service(
            App::new()
                .app_data(Data::new(headers))
                .route("/own", web::get().to(own))
                .wrap(from_fn(security_headers)),
        )
        .await;
        let request = web_test::TestRequest::get().uri("/missing").to_request();
        let missing = web_test::call_service(&app, request).await;
        let csp = missing
            .headers()
            .get(CONTENT_SECURITY_POLICY)
            .unwrap()
            .to_str()
            .unwrap();
        assert!(csp.contains("form-action 'self';"));
        assert!(csp.contains("frame-ancestors 'none'"));
        assert!(!csp.contains("unsafe"));
        assert_eq!(missing.headers().get(CACHE_CONTROL).unwrap(), "no-store");
        assert!(missing.headers().contains_key(STRICT_TRANSPORT_SECURITY));
        let request = web_test::TestRequest::get().uri("/own").to_request();
        let own = web_test::call_service(&app, request).await;
        assert_eq!(
            own.headers().get(CACHE_CONTROL).unwrap(),
            "public, no-cache"
        );
    }

    #[test]
    fn plain_http_promises_no_transport_security() {
        let headers = SecurityHeaders::new(false);
        let mut sent = HeaderMap::new();
        headers.apply(&mut sent);
        assert!(!sent.contains_key(STRICT_TRANSPORT_SECURITY));
    }
}
