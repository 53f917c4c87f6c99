//! One log line a request: method, path, status, time, request id. Never the query, which carries
//! `code` and `state` on the callback; never a header.

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

/// The id of one request: in the log, in the answer's `x-request-id`, on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// The id of `request`. It is ours: what a client sends is not taken over.
    pub fn of(request: &HttpRequest) -> Option<String> {
        request.extensions().get::<Self>().map(|id| id.0.clone())
    }
}

/// The middleware: outermost, so that it sees every answer.
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

/// The first bytes of what may be as long as a request's head, so that the log line is not. A
/// character is not cut.
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
    async fn the_id_is_ours_and_in_the_answer() {
        let show = |request: HttpRequest| async move {
            HttpResponse::Ok().body(RequestId::of(&request).unwrap_or_default())
        };
        let app = App::new().route("/", web::get().to(show));
        let app = web_test::init_service(app.wrap(from_fn(request_log))).await;
        let request = web_test::TestRequest::get()
            .insert_header(("x-request-id", "chosen by a stranger"))
            .to_request();
        let response = web_test::call_service(&app, request).await;
        let id = response.headers().get("x-request-id").unwrap().clone();
        assert_eq!(id.len(), 12);
        assert_eq!(web_test::read_body(response).await, id.as_bytes());
    }
}
