//! Accepts requests from this machine only, while the emulator runs.
//!
//! The emulator lets every client sign in as any of its users. So no proxy, tunnel or rebound host name may
//! lead to the application.

use std::net::IpAddr;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Uri,
        header::{FORWARDED, HOST, HeaderMap, HeaderName, VIA},
        uri::Authority,
    },
    middleware::Next,
};

const FORWARDING: [HeaderName; 3] = [FORWARDED, VIA, HeaderName::from_static("x-real-ip")];

/// The middleware: answers 421 (RFC 9110 section 15.5.20) to a `Host` other than loopback (in HTTP/2
/// `:authority`) and to any forwarded header.
pub async fn loopback_only(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_local(request.uri(), request.headers()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let refusal = HttpResponse::MisdirectedRequest()
        .content_type("text/plain")
        .body(
            "This application signs in with the local emulator and answers requests from this \
         machine only. Connect a tenant (see README.md) to use it behind a proxy.\n",
        );
    Ok(request.into_response(refusal))
}

/// Whether a request names this machine, in each place that names a host.
///
/// HTTP/2 has an authority in place of the `Host` header, and HTTP/1.1 may have both.
pub(crate) fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let forwarded = FORWARDING.iter().any(|name| headers.contains_key(name))
        || headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-"));
    let authority = uri.authority().map(Authority::as_str);
    let hosts = headers.get_all(HOST).map(|host| host.to_str().ok());
    let mut named: Vec<_> = hosts.collect();
    let doubled = named.len() > 1;
    named.extend(authority.map(Some));
    let local = |name: &Option<&str>| name.is_some_and(is_loopback);
    !forwarded && !doubled && !named.is_empty() && named.iter().all(local)
}

/// Whether a host, with or without a port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn loopback_names() {
        for host in [
            "localhost",
            "LOCALHOST:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "10.0.0.1:5000",
            "localhost:x",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn refuses_forwarded_requests_and_doubled_hosts() {
        let local = || {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("localhost:5000"));
            headers
        };
        let path = Uri::from_static("/");
        assert!(is_local(&path, &local()));
        assert!(!is_local(&path, &HeaderMap::new()));
        for name in FORWARDING {
            let mut headers = local();
            headers.insert(name, HeaderValue::from_static("127.0.0.1"));
            assert!(!is_local(&path, &headers));
        }
        let mut headers = local();
        headers.append(HOST, HeaderValue::from_static("localhost"));
        assert!(!is_local(&path, &headers));
    }

    #[test]
    fn refuses_another_authority_than_loopback_with_and_without_a_host() {
        let mut host = HeaderMap::new();
        host.insert(HOST, HeaderValue::from_static("localhost:5000"));
        let ours = Uri::from_static("https://localhost:5000/");
        let other = Uri::from_static("https://app.example.com/");
        for headers in [host, HeaderMap::new()] {
            assert!(is_local(&ours, &headers));
            assert!(!is_local(&other, &headers));
        }
    }
}
