//! One log line for each request: method, path, status, duration, request id.
//!
//! Never the query, which has `code` and `state` at the callback, and never a header.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use tracing::Instrument;

use crate::random_name::random_name;

/// The id of one request, in the log, in the header `x-request-id` and on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// The id of `request`. A client cannot set it.
    pub fn of(request: &HttpRequest) -> Option<String> {
        request.extensions().get::<Self>().map(|id| id.0.clone())
    }
}

/// The middleware. It is the outermost one, so that it sees every answer.
pub async fn request_log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = random_name::<9>();
    let span = tracing::info_span!("request", id = %id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).instrument(span.clone()).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        let name = HeaderName::from_static("x-request-id");
        response.headers_mut().insert(name, value);
    }
    let request = response.request();
    span.in_scope(|| {
        tracing::info!(
            method = %short(request.method().as_str(), 16),
            path = short(request.path(), 256),
            status = response.status().as_u16(),
            milliseconds = started.elapsed().as_millis(),
        );
    });
    Ok(response)
}

/// The first `longest` bytes of a text, cut between characters. It bounds the log line.
fn short(text: &str, longest: usize) -> &str {
    let mut ends = (0..=longest.min(text.len())).rev();
    ends.find_map(|end| text.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test as web_test, web};

    use super::*;

    #[test]
    fn w26_no_part_of_the_line_is_longer_than_its_bound() {
        let wide = "\u{20ac}".repeat(100);
        for (text, expected) in [
            ("", ""),
            ("GET", "GET"),
            ("PROPFINDPROPFIND", "PROPFINDPROPFIND"),
            ("PROPFINDPROPFIND-", "PROPFINDPROPFIND"),
            // Byte 16 lies within a character.
            (wide.as_str(), &wide[..15]),
        ] {
            assert_eq!(short(text, 16), expected);
        }
    }

    #[actix_web::test]
    async fn a_client_cannot_choose_the_request_id() {
        let show = |request: HttpRequest| async move {
            HttpResponse::Ok().body(RequestId::of(&request).unwrap_or_default())
        };
        let app = App::new().route("/", web::get().to(show));
        let app = web_test::init_service(app.wrap(from_fn(request_log))).await;
        let request = web_test::TestRequest::get()
            .insert_header(("x-request-id", "chosen by the client"))
            .to_request();
        let response = web_test::call_service(&app, request).await;
        let id = response.headers().get("x-request-id").unwrap().clone();
        assert_eq!(id.len(), 12);
        assert_eq!(web_test::read_body(response).await, id.as_bytes());
    }
}
