//! PURE: what the headers of one request say of the address that a browser sees.

use actix_web::http::header::{self, HeaderMap};
use url::Url;

use crate::config::{BaseUrl, Config, is_loopback};

/// What a request shows of one part of the address.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Evidence {
    /// The configured one.
    Fits,
    /// Another one.
    Differs(Differs),
}

/// An address that is not the configured one. Its text is bounded and holds no query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Differs {
    /// What says so.
    pub(super) source: &'static str,
    /// The other address: an origin, a host or a path.
    pub(super) seen: String,
}

/// Compares the origin. A browser's own word counts more than a proxy's: with `Sec-Fetch-Site:
/// same-origin` the origin of the page is that of the request.
pub(super) fn of_host(base: &BaseUrl, headers: &HeaderMap) -> Option<Evidence> {
    if only(headers, "sec-fetch-site") == Some("same-origin") {
        let pages = [(header::ORIGIN, "Origin"), (header::REFERER, "Referer")];
        for (name, source) in pages {
            if let Some(page) = only(headers, name.as_str()).and_then(origin_of) {
                return Some(compare_origin(base, &page, source));
            }
        }
    }
    let forwarded = only(headers, "x-forwarded-host").map(|value| (value, "X-Forwarded-Host"));
    let standard = || only(headers, "forwarded").map(|value| (value, "Forwarded"));
    let (value, source) = forwarded.or_else(standard)?;
    // The first proxy is the one that the browser has asked.
    let first = value.split(',').next()?;
    let host = match source {
        "Forwarded" => host_of_forwarded(first)?,
        _ => first.trim(),
    };
    compare_host(base, host, source)
}

/// Compares the path below which the application is served.
pub(super) fn of_path(config: &Config, path: &str, headers: &HeaderMap) -> Option<Evidence> {
    let base = config.base_url.path();
    if !base.is_empty() {
        let below = |prefix: &str| crate::config::is_below(path, prefix);
        if below(&format!("{base}{}", config.route_prefix)) {
            return Some(differs(NOT_REMOVED, base));
        }
        if below(&config.route_prefix) {
            return Some(Evidence::Fits);
        }
    }
    let (prefix, source) = match only(headers, "x-envoy-original-path") {
        Some(original) => {
            let original = original.split(['?', '#']).next()?;
            (original.strip_suffix(path)?, "X-Envoy-Original-Path")
        }
        None => {
            let value = only(headers, "x-forwarded-prefix")?;
            (value.split(',').next()?.trim(), "X-Forwarded-Prefix")
        }
    };
    let prefix = prefix.trim_end_matches('/');
    if !is_plain_path(prefix) {
        return None;
    }
    // Of several proxies that each remove a part, the last one may name its own.
    if base.ends_with(prefix) {
        return Some(Evidence::Fits);
    }
    Some(differs(source, prefix))
}

fn compare_origin(base: &BaseUrl, page: &Url, source: &'static str) -> Evidence {
    let origin = page.origin().ascii_serialization();
    let same_machine = base.is_loopback() && is_loopback(page);
    let same_port = page.port_or_known_default() == Some(base.port());
    if origin == base.origin() || (same_machine && same_port) {
        Evidence::Fits
    } else {
        differs(source, &origin)
    }
}

/// Compares a host, and its port where there is one: many proxies leave it out.
fn compare_host(base: &BaseUrl, host: &str, source: &'static str) -> Option<Evidence> {
    if host.is_empty() || host.len() > LONGEST_HOST {
        return None;
    }
    let own = Url::parse(&base.origin()).ok()?;
    let seen = Url::parse(&format!("{}://{host}/", own.scheme())).ok()?;
    let is_host_only = seen.path() == "/" && seen.username().is_empty() && seen.query().is_none();
    if !is_host_only || seen.fragment().is_some() {
        return None;
    }
    let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let same_port = !has_port || seen.port_or_known_default() == Some(base.port());
    let same_machine = base.is_loopback() && is_loopback(&seen);
    if same_port && (own.host() == seen.host() || same_machine) {
        return Some(Evidence::Fits);
    }
    let port = seen.port().map(|port| format!(":{port}"));
    let seen = format!("{}{}", seen.host_str()?, port.unwrap_or_default());
    Some(differs(source, &seen))
}

/// The host of the first element of `Forwarded` (RFC 7239 section 4).
fn host_of_forwarded(element: &str) -> Option<&str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, host) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("host"))?;
    Some(host.trim().trim_matches('"'))
}

/// The origin of a page's address, without anything behind it.
fn origin_of(address: &str) -> Option<Url> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    if !matches!(scheme, "http" | "https") || host.contains('@') || host.len() > LONGEST_HOST {
        return None;
    }
    Url::parse(&format!("{scheme}://{host}")).ok()
}

/// A path that can stand in the log as it is.
fn is_plain_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.starts_with('/') && path.len() <= LONGEST_PATH && path.bytes().all(plain)
}

fn differs(source: &'static str, seen: &str) -> Evidence {
    let seen = seen.to_owned();
    Evidence::Differs(Differs { source, seen })
}

/// The value of a header that comes once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

const NOT_REMOVED: &str = "path of the request, from which the proxy does not remove it";
/// Bytes of a host with its port (RFC 1035 section 2.3.4).
const LONGEST_HOST: usize = 261;
/// Bytes of a path that is told.
const LONGEST_PATH: usize = 100;

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::config::Source;

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
}
