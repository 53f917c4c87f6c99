//! Middleware: refuses requests from outside this machine.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use crate::directory::{Directory, TenantKind};
use crate::state::State;
use crate::sync::read;

/// Answers 421 to a request with the `Host` of another machine, or that a proxy has forwarded.
///
/// The emulator signs in every user without a password. A web site that resolves its own name to 127.0.0.1 (DNS
/// rebinding), or a tunnel to the emulator, must not reach it.
pub(super) async fn guard<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let refused = match host(&request) {
        None => Some("the request has no single Host"),
        Some(host) if !is_local(host, &read(&state.directory)) => {
            Some("the Host is not a loopback name")
        }
        Some(_) if is_forwarded(request.headers()) => Some("the request was forwarded by a proxy"),
        Some(_) => None,
    };
    let Some(reason) = refused else {
        return next
            .call(request)
            .await
            .map(ServiceResponse::map_into_left_body);
    };
    let text = format!(
        "421: this local emulator signs in every user without a password, so it answers this machine only, and {reason}. \
         Use a loopback name, and no proxy.\n"
    );
    let answer = HttpResponse::build(actix_web::http::StatusCode::MISDIRECTED_REQUEST)
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text);
    Ok(request.into_response(answer).map_into_right_body())
}

fn host(request: &ServiceRequest) -> Option<&str> {
    if request.headers().get_all("host").count() > 1 {
        return None;
    }
    // An absolute request target overrides the header (RFC 9112 section 3.2.2), so both must agree.
    let target = request
        .uri()
        .authority()
        .map(actix_web::http::uri::Authority::as_str);
    let header = request
        .headers()
        .get("host")
        .and_then(|value| value.to_str().ok());
    match (target, header) {
        (Some(target), Some(header)) if target != header => None,
        (Some(target), _) => Some(target),
        (None, header) => header,
    }
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .any(|name| name.as_str() == "forwarded" || name.as_str().starts_with("x-forwarded-"))
}

fn is_local(host: &str, directory: &Directory) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => {
            return rest
                .split_once(']')
                .is_some_and(|(name, port)| name == "::1" && is_port(port));
        }
        None => match host.split_once(':') {
            Some((name, port)) if is_port(&format!(":{port}")) => name,
            Some(_) => return false,
            None => host,
        },
    };
    let name = name.to_ascii_lowercase();
    name == "localhost" || name == "127.0.0.1" || is_external_id_host(&name, directory)
}

/// Tells whether the name is `{subdomain}.localhost` or `{tid}.localhost` of an External ID tenant.
///
/// RFC 6761 reserves such names for this machine.
fn is_external_id_host(name: &str, directory: &Directory) -> bool {
    let Some(label) = name.strip_suffix(".localhost") else {
        return false;
    };
    let mut tenants = directory
        .tenants
        .iter()
        .filter(|tenant| tenant.kind == TenantKind::ExternalId);
    tenants.any(|tenant| tenant.id == label || tenant.subdomain == label)
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| digits.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_loopback_names() {
        let directory = Directory::default();
        for host in [
            "localhost",
            "localhost:5001",
            "127.0.0.1:80",
            "[::1]:5001",
            "[::1]",
            "LOCALHOST:1",
            "woodgrove.localhost:9",
        ] {
            assert!(is_local(host, &directory), "{host}");
        }
        for host in [
            "evil.test",
            "127.0.0.1.evil.test",
            "localhost.evil.test",
            "evil.localhost",
            "127.0.0.2",
            "0.0.0.0",
            "[::]",
            "[::1].x",
            "localhost:port",
            "localhost:5001:1",
            "",
            "localhost.",
        ] {
            assert!(!is_local(host, &directory), "{host}");
        }
    }
}
