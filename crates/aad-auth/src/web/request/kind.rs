//! What kind of request this is: a navigation of a person, a document inside a page, or a script.

use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderValue},
};

/// How to answer a request without a signed-in user.
///
/// See [`request_kind`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RequestKind {
    /// A top-level navigation: may be redirected to sign-in.
    Navigation,
    /// A browser that shows HTML, but where a redirect would lose something or lead nowhere: a
    /// form that was posted, a frame.
    Document,
    /// A script or another program.
    Script,
}

/// Tells by Fetch Metadata (W3C) first: only a browser can set those headers, and no script can ask
/// with the mode `navigate`. A service worker that answers a navigation by `fetch(event.request)`
/// asks with that mode and the destination `empty`. It does so in a frame too: what begins a sign-in
/// looks at `is_passed_on_by_worker`. Without these headers, a GET that accepts HTML and is not
/// marked as a script's is taken for a navigation.
///
/// ```
/// use aad_auth::pages::{RequestKind, request_kind};
/// use actix_web::{HttpRequest, HttpResponse};
///
/// async fn not_found(request: HttpRequest) -> HttpResponse {
///     match request_kind(request.method(), request.headers()) {
///         RequestKind::Script => HttpResponse::NotFound().finish(),
///         _ => HttpResponse::NotFound().content_type("text/html").body("<h1>Not found</h1>"),
///     }
/// }
/// ```
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
        (Some("navigate"), Some("document" | "empty")) if safe && !prefetch => {
            RequestKind::Navigation
        }
        (Some("navigate"), _) => document,
        (Some(_), _) | (_, Some(_)) => RequestKind::Script,
        (None, None) => {
            let script = headers.contains_key(header::UPGRADE) || is_marked_as_script(headers);
            match (html && !script, safe && !prefetch) {
                (true, true) => RequestKind::Navigation,
                (true, false) => RequestKind::Document,
                (false, _) => RequestKind::Script,
            }
        }
    }
}

/// Whether a service worker has passed a navigation on. No header distinguishes a tab
/// from a frame (tried with Chromium 156).
pub(in crate::web) fn is_passed_on_by_worker(headers: &HeaderMap) -> bool {
    let is = |name: &str, word: &str| headers.get(name).is_some_and(|value| value == word);
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "empty")
}

/// Whether `X-Requested-With` says that a script asks. An Android WebView sends the package name of
/// its application there, with every navigation.
fn is_marked_as_script(headers: &HeaderMap) -> bool {
    headers
        .get_all("x-requested-with")
        .any(|value| !value.to_str().is_ok_and(is_android_package))
}

/// Whether a text has the form of an Android application id: two or more segments, each a letter
/// with letters, digits and underscores behind it.
fn is_android_package(name: &str) -> bool {
    let is_segment = |segment: &str| {
        let rest = segment.strip_prefix(|first: char| first.is_ascii_alphabetic());
        rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    name.contains('.') && name.split('.').all(is_segment)
}

/// Whether a browser asks in advance, for a page that it may show later.
pub(in crate::web) fn is_prefetch(headers: &HeaderMap) -> bool {
    let asks = |value: &HeaderValue| {
        let words = ["prefetch", "prerender", "preview"];
        value
            .to_str()
            .is_ok_and(|value| words.iter().any(|word| value.contains(word)))
    };
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .iter()
        .any(|name| headers.get_all(*name).any(asks))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    #[test]
    fn r107_only_a_navigation_without_a_destination_is_one_that_a_worker_passed_on() {
        for (mode, destination, passed_on) in [
            (Some("navigate"), Some("empty"), true),
            (Some("navigate"), Some("document"), false),
            (Some("navigate"), Some("iframe"), false),
            (Some("cors"), Some("empty"), false),
            (Some("navigate"), None, false),
            (None, Some("empty"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-mode", mode), ("sec-fetch-dest", destination)] {
                if let Some(value) = value {
                    headers.append(
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    );
                }
            }
            let what = format!("{mode:?} {destination:?}");
            assert_eq!(is_passed_on_by_worker(&headers), passed_on, "{what}");
        }
    }

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

    #[test]
    fn r20_a_service_worker_that_passes_a_navigation_on_is_a_navigation() {
        use RequestKind::{Document, Navigation, Script};
        const EMPTY: (&str, &str) = ("sec-fetch-dest", "empty");
        for method in [&Method::GET, &Method::HEAD] {
            assert_eq!(kind(method, &[HTML, NAVIGATE, EMPTY]), Navigation);
        }
        assert_eq!(kind(&Method::POST, &[HTML, NAVIGATE, EMPTY]), Document);
        for mode in ["cors", "no-cors", "same-origin", "websocket"] {
            let mode = ("sec-fetch-mode", mode);
            assert_eq!(kind(&Method::GET, &[HTML, mode, EMPTY]), Script, "{mode:?}");
        }
        for frame in ["iframe", "frame", "embed", "object", "fencedframe"] {
            let headers = [HTML, NAVIGATE, ("sec-fetch-dest", frame)];
            assert_eq!(kind(&Method::GET, &headers), Document, "{frame}");
        }
        assert_eq!(kind(&Method::GET, &[HTML, NAVIGATE]), Document);
    }

    #[test]
    fn r20_what_is_asked_in_advance_starts_no_sign_in() {
        for in_advance in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prerender"),
            ("purpose", "prefetch"),
            ("purpose", "preview"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
        ] {
            for headers in [
                &[HTML, NAVIGATE, DOCUMENT, in_advance][..],
                &[HTML, NAVIGATE, ("sec-fetch-dest", "empty"), in_advance],
                &[HTML, in_advance],
                &[HTML, ("sec-purpose", "other"), in_advance],
            ] {
                let told = kind(&Method::GET, headers);
                assert_eq!(told, RequestKind::Document, "{headers:?}");
            }
        }
    }

    #[test]
    fn r23_an_android_web_view_is_a_browser_and_a_script_stays_one() {
        let with = |value| kind(&Method::GET, &[HTML, ("x-requested-with", value)]);
        for package in ["com.example.app", "org.chromium.webview_shell", "a.B2_c"] {
            assert_eq!(with(package), RequestKind::Navigation, "{package}");
        }
        for script in [
            "XMLHttpRequest",
            "xmlhttprequest",
            "fetch",
            "",
            ".",
            "com.",
            "com..app",
            "com.1app",
            "com.example.app, XMLHttpRequest",
            "ShockwaveFlash/32.0.0.1",
        ] {
            assert_eq!(with(script), RequestKind::Script, "{script}");
        }
        let both = [
            HTML,
            ("x-requested-with", "com.example.app"),
            ("x-requested-with", "XMLHttpRequest"),
        ];
        assert_eq!(kind(&Method::GET, &both), RequestKind::Script);
        // A script of the page in the WebView accepts anything, or says so by Fetch Metadata.
        let package = ("x-requested-with", "com.example.app");
        assert_eq!(
            kind(&Method::GET, &[("accept", "*/*"), package]),
            RequestKind::Script
        );
        let cors = [HTML, ("sec-fetch-mode", "cors"), package];
        assert_eq!(kind(&Method::GET, &cors), RequestKind::Script);
        assert_eq!(kind(&Method::POST, &[HTML, package]), RequestKind::Document);
    }
}
