//! Answers of Graph.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use super::GraphError;
use crate::transport::Response;

/// An answer of Graph with any status. No `Debug`: the body has personal data.
///
/// ```
/// use aad_auth::{DownstreamError, Graph};
///
/// async fn has_manager(graph: Graph) -> Result<bool, DownstreamError> {
///     let answer = graph.send("/me/manager").await?;
///     Ok(answer.status.is_success())
/// }
/// ```
#[non_exhaustive]
pub struct GraphAnswer {
    /// The status.
    pub status: StatusCode,
    /// The id of the call for Microsoft's support (`request-id`).
    pub request_id: Option<String>,
    /// `Retry-After`, at most one hour.
    pub retry_after: Option<Duration>,
    is_json: bool,
    body: Vec<u8>,
}

impl GraphAnswer {
    /// Parses the JSON of a successful answer.
    ///
    /// # Errors
    /// [`GraphError::Status`] for another status than success, [`GraphError::Unexpected`] for an unexpected
    /// body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, GraphError> {
        if !self.status.is_success() {
            return Err(GraphError::Status {
                status: self.status.as_u16(),
                code: self.code(),
                retry_after: self.retry_after,
            });
        }
        if !self.is_json {
            return Err(GraphError::Unexpected);
        }
        serde_json::from_slice(&self.body).map_err(|_| GraphError::Unexpected)
    }

    /// The `code` of an error body. The message of the body is dropped, since it may name people.
    pub fn code(&self) -> Option<String> {
        let body: ErrorBody = serde_json::from_slice(&self.body).ok()?;
        plain_code(&body.error.code)
    }
}

impl From<Response> for GraphAnswer {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            request_id: request_id(&response.headers),
            retry_after: response.retry_after(),
            is_json: response.is_json(),
            body: response.body,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorCode,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    plain_code(headers.get("request-id")?.to_str().ok()?)
}

/// A short code from outside that is safe in logs and pages.
fn plain_code(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    fn answer(status: u16, media_type: &'static str, body: &str) -> GraphAnswer {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert("request-id", HeaderValue::from_static("<script>"));
        GraphAnswer::from(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn what_is_no_json_of_the_expected_form_is_refused() {
        let deep = "[".repeat(100_000);
        for (media_type, body) in [
            ("text/html", "{}"),
            ("application/json", ""),
            ("application/json", "[1]"),
            ("application/json", "{\"a\":"),
            ("application/json", deep.as_str()),
        ] {
            let result =
                answer(200, media_type, body).json::<std::collections::HashMap<String, String>>();
            assert_eq!(result.err(), Some(GraphError::Unexpected));
        }
        assert!(
            answer(302, "application/json", "{}")
                .json::<serde_json::Value>()
                .is_err()
        );
    }

    #[test]
    fn of_an_error_body_only_a_plain_code_is_taken() {
        let body = r#"{"error":{"code":"Authorization_RequestDenied","message":"canary"}}"#;
        let refused = answer(403, "application/json", body);
        assert_eq!(
            refused.code().as_deref(),
            Some("Authorization_RequestDenied")
        );
        assert_eq!(refused.request_id, None);
        let error = refused.json::<serde_json::Value>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
        for body in [
            "",
            "{}",
            r#"{"error":"x"}"#,
            r#"{"error":{"code":"<b> x"}}"#,
        ] {
            assert_eq!(answer(500, "application/json", body).code(), None, "{body}");
        }
    }
}
