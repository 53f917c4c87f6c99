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

/// Compares the origin. What a browser sends counts more than what a proxy sends: with `Sec-Fetch-Site:
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

pub(super) fn differs(source: &'static str, seen: &str) -> Evidence {
    let seen = seen.to_owned();
    Evidence::Differs(Differs { source, seen })
}

/// The value of a header that comes once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

pub(super) const NOT_REMOVED: &str = "path of the request, from which the proxy does not remove it";
/// Bytes of a host with its port (RFC 1035 section 2.3.4).
const LONGEST_HOST: usize = 261;
/// Bytes of a path that is told.
const LONGEST_PATH: usize = 100;
