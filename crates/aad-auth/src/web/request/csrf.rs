//! Cross-site request forgery: unsafe methods are for our own pages only.
//!
//! 1. GET, HEAD, OPTIONS and TRACE pass: they must not change anything. Except the handshake of a
//!    WebSocket: it is a GET that any site may send with our cookies, and no check follows for what
//!    comes through it (RFC 6455 section 10.2).
//! 2. A program's or script's request without any cookie passes: it has no authority to abuse. A
//!    form that another site posts does not: `SameSite=Lax` leaves our cookies out of it, but the
//!    answer of a top-level navigation could still set them.
//! 3. `Sec-Fetch-Site: same-origin` and `none` (typed, bookmarked) pass; `same-site` and
//!    `cross-site` are refused. Only a browser can set this header.
//! 4. Without it, `Origin` must be ours. `null` is not.
//! 5. Without both the request does not come from a browser of this decade and passes; there
//!    `SameSite=Lax` on our cookies remains.
//!
//! The callback and back-channel sign-out are exempt: their requests come from the provider's
//! site, and carry proof of their own. So is the start of a sign-in: a form there reads, changes and
//! sets nothing, and is answered like a link.

use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderName},
};

// Made once: a name given as text is parsed at each look.
static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request may proceed at an application whose origin is `own`.
pub(crate) fn allows(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    let websocket = opens_websocket(headers);
    let safe = matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    );
    if safe && !websocket {
        return true;
    }
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let script = match text(&SEC_FETCH_MODE) {
        _ if websocket => true,
        Some(mode) => mode != "navigate",
        None => headers.contains_key(header::AUTHORIZATION),
    };
    if script && !headers.contains_key(header::COOKIE) {
        return true;
    }
    match (text(&SEC_FETCH_SITE), text(&header::ORIGIN)) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => origin.eq_ignore_ascii_case(own),
        (None, None) => true,
    }
}

fn opens_websocket(headers: &HeaderMap) -> bool {
    let is_websocket = |token: &str| token.trim().eq_ignore_ascii_case("websocket");
    let mut upgrades = headers.get_all(header::UPGRADE);
    let upgrade = upgrades.any(|value| value.to_str().unwrap_or("").split(',').any(is_websocket));
    let mode = headers.get(&SEC_FETCH_MODE);
    upgrade || mode.is_some_and(|mode| mode == "websocket")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn post(pairs: &[(&str, &str)]) -> bool {
        with_cookie(&Method::POST, pairs)
    }

    fn with_cookie(method: &Method, pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b"));
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        allows(method, &headers, "https://app.example.test")
    }

    #[test]
    fn refuses_other_sites() {
        for pairs in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "nonsense")],
            &[("origin", "https://evil.test")],
            &[("origin", "null")],
            &[("origin", "https://app.example.test.evil.test")],
            &[("origin", "http://app.example.test")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://app.example.test"),
            ],
        ] {
            assert!(!post(pairs), "{pairs:?}");
        }
    }

    #[test]
    fn refuses_a_form_of_another_site_that_comes_without_cookies() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("sec-fetch-site");
        headers.insert(name, HeaderValue::from_static("cross-site"));
        let mode = HeaderName::from_static("sec-fetch-mode");
        headers.insert(mode.clone(), HeaderValue::from_static("navigate"));
        assert!(!allows(&Method::POST, &headers, "https://app.example.test"));
        // A script that sends a bearer token and no cookies is an API client.
        headers.insert(mode, HeaderValue::from_static("cors"));
        assert!(allows(&Method::POST, &headers, "https://app.example.test"));
    }

    #[test]
    fn refuses_the_websocket_of_another_site() {
        let get = |pairs: &[(&str, &str)]| with_cookie(&Method::GET, pairs);
        for upgrade in [
            ("upgrade", "websocket"),
            ("upgrade", "h2c, WebSocket"),
            ("sec-fetch-mode", "websocket"),
        ] {
            for origin in [
                ("origin", "https://evil.test"),
                ("origin", "null"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
            ] {
                assert!(!get(&[upgrade, origin]), "{upgrade:?} {origin:?}");
                assert!(get(&[origin]), "a link of another site");
            }
            // Our own pages, and programs.
            assert!(get(&[upgrade, ("origin", "https://app.example.test")]));
            assert!(get(&[upgrade, ("sec-fetch-site", "same-origin")]));
            assert!(get(&[upgrade]));
        }
    }

    #[test]
    fn refuses_every_method_that_may_change_something() {
        let other_site = [("sec-fetch-site", "cross-site")];
        for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PURGE", "get"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert!(!with_cookie(&method, &other_site), "{method}");
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE] {
            assert!(with_cookie(&method, &other_site), "{method}");
        }
    }

    #[test]
    fn a_websocket_without_cookies_has_no_authority_to_abuse() {
        let mut headers = HeaderMap::new();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let origin = HeaderValue::from_static("https://other.example.test");
        headers.insert(header::ORIGIN, origin);
        let own = "https://app.example.test";
        assert!(allows(&Method::GET, &headers, own));
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b"));
        assert!(!allows(&Method::GET, &headers, own));
    }

    #[test]
    fn own_pages_and_programs_pass() {
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(post(&[("origin", "https://app.example.test")]));
        assert!(post(&[]));
        let none = HeaderMap::new();
        assert!(allows(&Method::POST, &none, "https://app.example.test"));
    }
}
