//! `/metrics` for Prometheus, and the rule of access to it and to the reasons of `/readyz`.
//!
//! Metrics have nothing personal or secret, but show an attacker whether an attack has an effect. With
//! `METRICS_TOKEN`, its bearer may read them from any address. Without it, only a developer may, on the
//! same machine. In production a peer on loopback is not enough: a proxy on the same machine is one too,
//! and nginx by default sends a `Host` on loopback and no forwarded header.

use aad_auth::{
    Auth, Config,
    config::{ExposeSecret, Secret},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::{self, Data},
};

use subtle::ConstantTimeEq;

use crate::{loopback::is_local, metrics_text::render, reading::read};

/// The rule of access to `/metrics` and to the reasons of `/readyz`.
#[derive(Clone)]
pub struct MetricsAccess {
    token: Option<Secret>,
    own_machine: bool,
}

impl MetricsAccess {
    /// The rule for a configuration and the token of `METRICS_TOKEN`.
    pub fn new(config: &Config, token: Option<Secret>) -> Self {
        Self {
            token,
            own_machine: config.base_url.is_loopback(),
        }
    }

    /// Whether the caller has access.
    pub(crate) fn is_granted(&self, request: &HttpRequest) -> bool {
        matches!(self.decide(request), Access::Granted)
    }

    fn decide(&self, request: &HttpRequest) -> Access {
        match &self.token {
            Some(token) if presents(request.headers(), token) => Access::Granted,
            Some(_) => Access::NeedsToken,
            None => {
                let peer = request
                    .peer_addr()
                    .is_some_and(|peer| peer.ip().is_loopback());
                let near = self.own_machine && peer && is_local(request.uri(), request.headers());
                if near {
                    Access::Granted
                } else {
                    Access::Hidden
                }
            }
        }
    }
}

enum Access {
    Granted,
    NeedsToken,
    /// Answered like an unknown route.
    Hidden,
}

/// Whether the request has the token. The comparison takes constant time.
fn presents(headers: &HeaderMap, token: &Secret) -> bool {
    let presented = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let expected = token.expose_secret().as_bytes();
    presented.is_some_and(|presented| presented.as_bytes().ct_eq(expected).into())
}

/// Mounts the route. It reads no session and sets no cookie.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/metrics", read().to(metrics));
}

async fn metrics(
    request: HttpRequest,
    access: Data<MetricsAccess>,
    auth: Data<Auth>,
) -> HttpResponse {
    match access.decide(&request) {
        Access::Granted => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(render(&auth.metrics())),
        Access::NeedsToken => HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"metrics\""))
            .finish(),
        Access::Hidden => HttpResponse::NotFound().finish(),
    }
}

#[cfg(test)]
mod tests {
    use aad_auth::config::Source;
    use actix_web::test::TestRequest;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn access(base_url: &str, token: Option<&str>) -> MetricsAccess {
        let source = Source::new()
            .with("AAD_AUTHORITY", "http://127.0.0.1:9/")
            .with("AAD_CLIENT_ID", "client")
            .with("AAD_CLIENT_SECRET", "secret")
            .with("AAD_BASE_URL", base_url)
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
        let config = Config::parse(&source).unwrap();
        MetricsAccess::new(&config, token.map(Secret::from))
    }

    fn from(peer: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let mut request = TestRequest::get()
            .peer_addr(peer.parse().unwrap())
            .insert_header(("host", "localhost:5000"));
        for header in headers {
            request = request.append_header(*header);
        }
        request.to_http_request()
    }

    const NEAR: &str = "127.0.0.1:40000";
    const FAR: &str = "203.0.113.7:40000";

    #[test]
    fn without_a_token_only_a_developers_own_machine_is_answered() {
        let own = access("http://localhost:5000", None);
        assert!(matches!(own.decide(&from(NEAR, &[])), Access::Granted));
        for request in [
            from(FAR, &[]),
            from(NEAR, &[("x-forwarded-for", "203.0.113.7")]),
            from(NEAR, &[("x-forwarded-proto", "https")]),
            from(NEAR, &[("forwarded", "for=203.0.113.7")]),
            from(NEAR, &[("via", "1.1 proxy")]),
            from(NEAR, &[("host", "app.example.com")]),
        ] {
            assert!(matches!(own.decide(&request), Access::Hidden));
        }
        // A proxy on the same machine is a loopback peer, too.
        let production = access("https://app.example.com", None);
        assert!(matches!(
            production.decide(&from(NEAR, &[])),
            Access::Hidden
        ));
    }

    #[test]
    fn with_a_token_nothing_else_counts() {
        let access = access("http://localhost:5000", Some(TOKEN));
        let right = format!("Bearer {TOKEN}");
        let request = from(FAR, &[("authorization", &right)]);
        assert!(matches!(access.decide(&request), Access::Granted));
        for wrong in ["", "Bearer", "Bearer ", &right[..right.len() - 1], TOKEN] {
            let request = from(NEAR, &[("authorization", wrong)]);
            assert!(
                matches!(access.decide(&request), Access::NeedsToken),
                "{wrong}"
            );
        }
        assert!(matches!(
            access.decide(&from(NEAR, &[])),
            Access::NeedsToken
        ));
    }
}
