//! Adds headers to the answers that Actix gives before it calls the application: 400 for a malformed
//! request, 408 for a head that does not arrive, 431 for a head that is too large.
//!
//! The dispatcher writes them and has no hook. So they are recognised in the stream: a head without a
//! body, with Actix's own headers only, while no answer of the application is pending.

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};

/// The headers as bytes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct BareHeaders(Arc<[u8]>);

impl BareHeaders {
    /// Headers for answers without a body.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> Self {
        let mut lines = Vec::new();
        for (name, value) in headers {
            lines.extend_from_slice(name.as_str().as_bytes());
            lines.extend_from_slice(b": ");
            lines.extend_from_slice(value.as_bytes());
            lines.extend_from_slice(b"\r\n");
        }
        Self(lines.into())
    }

    /// Returns `bytes` with these headers; `None` where they are no bare answer of Actix.
    pub(super) fn add_to(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let head = bytes.strip_suffix(b"\r\n")?;
        is_bare(head).then(|| [head, &self.0, b"\r\n"].concat())
    }
}

/// Whether `head` is of an error without a body, with Actix's own headers only.
fn is_bare(head: &[u8]) -> bool {
    let Some(lines) = std::str::from_utf8(head)
        .ok()
        .and_then(|head| head.strip_suffix("\r\n"))
    else {
        return false;
    };
    let mut lines = lines.split("\r\n");
    let is_error = lines
        .next()
        .and_then(|status| {
            status
                .strip_prefix("HTTP/1.")
                .and_then(|rest| rest.get(1..3))
        })
        .is_some_and(|status| matches!(status, " 4" | " 5"));
    let mut is_empty = false;
    let are_known = lines.all(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        is_empty |= name == "content-length" && value == "0";
        matches!(name, "content-length" | "connection" | "date")
    });
    is_error && are_known && is_empty
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::CACHE_CONTROL;

    use super::*;

    #[test]
    fn only_an_error_without_a_body_and_without_other_headers_is_changed() {
        let no_store = HeaderValue::from_static("no-store");
        let headers = BareHeaders::new([(&CACHE_CONTROL, &no_store)]);
        let bare = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\
                    date: Sat, 28 Nov 2026 08:00:00 GMT\r\n\r\n";
        let changed = headers.add_to(bare.as_bytes()).unwrap();
        let changed = String::from_utf8(changed).unwrap();
        assert!(changed.ends_with("GMT\r\ncache-control: no-store\r\n\r\n"));
        for other in [
            "",
            "\r\n",
            "\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 1\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nx\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nset-cookie: a=b\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "x\r\nHTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        ] {
            assert_eq!(headers.add_to(other.as_bytes()), None, "{other}");
        }
    }
}
