//! What kind of request this is: a person who opens a page, or something else.

use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderValue},
};

/// How to answer somebody who is not signed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestKind {
    /// A top-level navigation: may be redirected to sign-in.
    Navigation,
    /// A browser that shows HTML, but where a redirect would lose something or lead nowhere: a
    /// form that was posted, a frame.
    Document,
    /// A script or another program.
    Script,
}

/// Tells by Fetch Metadata (W3C) first: only a browser can set those headers. Without them, a GET
/// that accepts HTML and does not look like a script is taken for a navigation.
pub fn request_kind(method: &Method, headers: &HeaderMap) -> RequestKind {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let safe = method == Method::GET || method == Method::HEAD;
    let html = value(header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"));
    let document = if html {
        RequestKind::Document
    } else {
        RequestKind::Script
    };
    let prefetch = is_prefetch(headers);
    match (value("sec-fetch-mode"), value("sec-fetch-dest")) {
        (Some("navigate"), Some("document")) if safe && !prefetch => RequestKind::Navigation,
        (Some("navigate"), _) => document,
        (Some(_), _) | (_, Some(_)) => RequestKind::Script,
        (None, None) => {
            let script =
                value("x-requested-with").is_some() || headers.contains_key(header::UPGRADE);
            match (html && !script, safe && !prefetch) {
                (true, true) => RequestKind::Navigation,
                (true, false) => RequestKind::Document,
                (false, _) => RequestKind::Script,
            }
        }
    }
}

/// Whether a browser asks in advance, for a page that it may show later.
pub(super) fn is_prefetch(headers: &HeaderMap) -> bool {
    let asks = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("prefetch"));
    ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(asks))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn kind(method: &Method, pairs: &[(&str, &str)]) -> RequestKind {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        request_kind(method, &headers)
    }

    const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
    const NAVIGATE: (&str, &str) = ("sec-fetch-mode", "navigate");
    const DOCUMENT: (&str, &str) = ("sec-fetch-dest", "document");

    #[test]
    fn only_a_top_level_navigation_is_one() {
        use RequestKind::{Document, Navigation, Script};
        let get = &Method::GET;
        assert_eq!(kind(get, &[HTML, NAVIGATE, DOCUMENT]), Navigation);
        assert_eq!(kind(get, &[HTML]), Navigation);
        assert_eq!(kind(&Method::HEAD, &[HTML]), Navigation);
        for (method, headers, expected) in [
            (&Method::POST, &[HTML, NAVIGATE, DOCUMENT][..], Document),
            (
                get,
                &[HTML, NAVIGATE, ("sec-fetch-dest", "iframe")],
                Document,
            ),
            (
                get,
                &[
                    HTML,
                    NAVIGATE,
                    DOCUMENT,
                    ("sec-purpose", "prefetch;prerender"),
                ],
                Document,
            ),
            (
                get,
                &[
                    HTML,
                    ("sec-fetch-mode", "cors"),
                    ("sec-fetch-dest", "empty"),
                ],
                Script,
            ),
            (get, &[HTML, ("x-requested-with", "XMLHttpRequest")], Script),
            (get, &[("accept", "*/*")], Script),
            (get, &[], Script),
            (get, &[HTML, ("upgrade", "websocket")], Script),
            (&Method::POST, &[HTML], Document),
            (get, &[HTML, ("purpose", "prefetch")], Document),
            (get, &[HTML, ("x-moz", "prefetch")], Document),
            (get, &[NAVIGATE, ("sec-fetch-dest", "iframe")], Script),
            (get, &[HTML, DOCUMENT], Script),
        ] {
            assert_eq!(kind(method, headers), expected, "{method} {headers:?}");
        }
    }
}
