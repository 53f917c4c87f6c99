//! What is evidence of another address, and what is none.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::evidence::{Evidence, NOT_REMOVED, differs, of_host, of_path};
use crate::config::{BaseUrl, Config, Source};

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    headers
}

fn host(base: &str, pairs: &[(&str, &str)]) -> Option<Evidence> {
    of_host(&BaseUrl::parse(base).unwrap(), &headers(pairs))
}

fn path(base: &str, path: &str, pairs: &[(&str, &str)]) -> Option<Evidence> {
    let source = Source::new()
        .with("AAD_AUTHORITY", "http://127.0.0.1:9/")
        .with("AAD_CLIENT_ID", "client")
        .with("AAD_CLIENT_SECRET", "secret")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
        .with("AAD_BASE_URL", base);
    of_path(&Config::parse(&source).unwrap(), path, &headers(pairs))
}

const BASE: &str = "https://app.example.test";
const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

#[test]
fn r102_another_host_is_seen_by_what_browsers_and_proxies_say() {
    for (pairs, source, seen) in [
        (
            &[OWN_PAGE, ("origin", "https://www.example.test")][..],
            "Origin",
            "https://www.example.test",
        ),
        (
            &[OWN_PAGE, ("referer", "http://app.example.test/a?b=c")],
            "Referer",
            "http://app.example.test",
        ),
        (
            &[OWN_PAGE, ("origin", "https://app.example.test:8443")],
            "Origin",
            "https://app.example.test:8443",
        ),
        (
            &[("x-forwarded-host", "www.example.test")],
            "X-Forwarded-Host",
            "www.example.test",
        ),
        (
            &[(
                "x-forwarded-host",
                "WWW.example.test:8443, app.example.test",
            )],
            "X-Forwarded-Host",
            "www.example.test:8443",
        ),
        (
            &[(
                "forwarded",
                "for=192.0.2.1;Host=\"www.example.test\", host=x",
            )],
            "Forwarded",
            "www.example.test",
        ),
    ] {
        let expected = differs(source, seen);
        assert_eq!(host(BASE, pairs), Some(expected), "{pairs:?}");
    }
}

#[test]
fn r102_the_configured_host_fits_in_each_form() {
    for pairs in [
        &[OWN_PAGE, ("origin", "https://app.example.test")][..],
        &[OWN_PAGE, ("referer", "https://app.example.test/a?b=c")],
        &[("x-forwarded-host", "APP.example.test")],
        &[("x-forwarded-host", "app.example.test:443")],
        &[("forwarded", "host=app.example.test;proto=http")],
        // The browser knows better than a proxy between two others.
        &[
            OWN_PAGE,
            ("referer", "https://app.example.test/"),
            ("x-forwarded-host", "internal"),
        ],
    ] {
        assert_eq!(host(BASE, pairs), Some(Evidence::Fits), "{pairs:?}");
    }
    let named = [OWN_PAGE, ("origin", "http://127.0.0.1:5000")];
    assert_eq!(host("http://localhost:5000", &named), Some(Evidence::Fits));
    let port = [("x-forwarded-host", "app.example.test:8443")];
    let base = "https://app.example.test:8443";
    assert_eq!(host(base, &port), Some(Evidence::Fits));
}

#[test]
fn r102_what_a_stranger_or_another_site_sends_is_no_evidence() {
    let long = format!("{}.test", "a".repeat(300));
    for pairs in [
        &[("host", "evil.test")][..],
        &[("origin", "https://evil.test")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.test"),
        ],
        &[
            ("sec-fetch-site", "same-site"),
            ("referer", "https://evil.test/"),
        ],
        &[OWN_PAGE, OWN_PAGE, ("origin", "https://evil.test")],
        &[OWN_PAGE, ("origin", "null")],
        &[OWN_PAGE, ("origin", "file://evil")],
        &[OWN_PAGE, ("referer", "https://user@evil.test/")],
        &[OWN_PAGE],
        &[("x-forwarded-host", "a"), ("x-forwarded-host", "b")],
        &[("x-forwarded-host", "")],
        &[("x-forwarded-host", &long)],
        &[("x-forwarded-host", "evil.test/path?x#y")],
        &[("x-forwarded-host", "user@evil.test")],
        &[("x-forwarded-host", "evil test")],
        &[("forwarded", "for=192.0.2.1")],
    ] {
        assert_eq!(host(BASE, pairs), None, "{pairs:?}");
    }
}

#[test]
fn r103_a_forgotten_path_is_seen_by_what_proxies_say() {
    for (pairs, source) in [
        ([("x-forwarded-prefix", "/portal")], "X-Forwarded-Prefix"),
        (
            [("x-forwarded-prefix", "/portal/, /x")],
            "X-Forwarded-Prefix",
        ),
        (
            [("x-envoy-original-path", "/portal/groups?name=ada")],
            "X-Envoy-Original-Path",
        ),
    ] {
        for base in [BASE, "https://app.example.test/app"] {
            let expected = Some(differs(source, "/portal"));
            assert_eq!(path(base, "/groups", &pairs), expected, "{pairs:?}");
        }
        let base = "https://app.example.test/portal";
        assert_eq!(path(base, "/groups", &pairs), Some(Evidence::Fits));
        let base = "https://app.example.test/outer/portal";
        assert_eq!(path(base, "/groups", &pairs), Some(Evidence::Fits));
    }
}

#[test]
fn r103_a_path_that_the_proxy_does_not_remove_is_seen_by_the_request() {
    let base = "https://app.example.test/app";
    let kept = Some(differs(NOT_REMOVED, "/app"));
    assert_eq!(path(base, "/app/auth/sign_in", &[]), kept);
    assert_eq!(path(base, "/auth/sign_in", &[]), Some(Evidence::Fits));
    // The application may have this path itself.
    assert_eq!(path(base, "/app/groups", &[]), None);
    assert_eq!(path(BASE, "/auth/sign_in", &[]), None);
}

#[test]
fn r103_a_path_that_cannot_be_logged_is_no_evidence() {
    let long = format!("/{}", "a".repeat(100));
    for prefix in [
        "", "/", "portal", "/a b", "/a%0ab", "/a\"b", "/\u{e4}", &long,
    ] {
        let pairs = [("x-forwarded-prefix", prefix)];
        assert_eq!(path(BASE, "/groups", &pairs), None, "{prefix}");
    }
    for original in ["/groups", "/other", "?x", "", "/por tal/groups"] {
        let pairs = [("x-envoy-original-path", original)];
        assert_eq!(path(BASE, "/groups", &pairs), None, "{original}");
    }
}
