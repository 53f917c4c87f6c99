//! Which pages may use the token endpoint: those of single-page applications, and no others.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use url::Url;

use crate::aadsts::Refusal;
use crate::directory::{Application, Platform};
use crate::state::State;
use crate::sync::read;

/// The sender of a token request, by its `Origin` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A server or a native application, which sends no `Origin`.
    Program,
    /// A page whose origin is that of a redirect URI of the application's platform "Single-page application".
    Page(HeaderValue),
    /// Any other page; the text of its `Origin`.
    OtherPage(String),
}

impl Sender {
    pub(super) fn of(request: &HttpRequest, application: &Application) -> Self {
        let mut sent = request.headers().get_all("origin");
        let Some(origin) = sent.next() else {
            return Self::Program;
        };
        let text = origin.to_str().unwrap_or_default();
        if sent.next().is_none() && is_single_page_origin(application, text) {
            Self::Page(origin.clone())
        } else {
            Self::OtherPage(text.to_owned())
        }
    }

    /// Lets only pages redeem codes and refresh tokens of single-page applications, and only programs all others.
    ///
    /// `proved`: the request has a code verifier, or needs none.
    pub(super) fn may_redeem(&self, single_page: bool, proved: bool) -> Result<(), Refusal> {
        match (self, single_page) {
            (Self::Page(_), true) | (Self::Program, false) => Ok(()),
            (Self::Program, true) if proved => Err(Refusal::invalid_request(
                9_002_327,
                "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
            )
            .advise(PLATFORM_WEB)),
            (Self::Program, true) => Err(Refusal::invalid_request(
                9_002_325,
                "Proof Key for Code Exchange is required for cross-origin authorization code redemption: the redirect URI is registered for single-page applications, and a server redeems the code.",
            )
            .advise(PLATFORM_WEB)),
            (Self::Page(origin), false) => {
                Err(not_for_pages(origin.to_str().unwrap_or_default()))
            }
            (Self::OtherPage(origin), _) => Err(not_for_pages(origin)),
        }
    }

    /// As [`Sender::may_redeem`], for a code whose redirect URI has this platform.
    ///
    /// `None`: the redirect URI is not registered; the grant refuses it later.
    pub(super) fn may_redeem_for(
        &self,
        platform: Option<Platform>,
        proved: bool,
    ) -> Result<(), Refusal> {
        match (platform, self) {
            (None, Self::Page(_) | Self::Program) => Ok(()),
            _ => self.may_redeem(platform == Some(Platform::SinglePage), proved),
        }
    }
}

const PLATFORM_WEB: &str = "Move the redirect URI to the platform Web.";

fn not_for_pages(origin: &str) -> Refusal {
    Refusal::invalid_request(
        9_002_326,
        format!(
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
        ),
    )
}

/// Lets the page of a single-page application read the answer to a grant that pages may use.
pub(super) fn allow(sender: Option<&Sender>, grant: &str, headers: &mut HeaderMap) {
    let for_pages = ["authorization_code", "refresh_token"].contains(&grant);
    if let (Some(Sender::Page(origin)), true) = (sender, for_pages) {
        headers.insert(ALLOW_ORIGIN, origin.clone());
    }
    headers.insert(VARY, HeaderValue::from_static("Origin"));
}

/// Answers `OPTIONS` on the token endpoint.
///
/// The request names no application, so the origin of any single-page application is accepted.
pub(crate) async fn token_preflight(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok().finish();
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    let directory = read(&state.directory);
    let mut applications = directory.applications.iter();
    let page = applications.find_map(|application| match Sender::of(&request, application) {
        Sender::Page(origin) => Some(origin),
        Sender::Program | Sender::OtherPage(_) => None,
    });
    let Some(origin) = page else {
        return response;
    };
    headers.insert(ALLOW_ORIGIN, origin);
    let methods = HeaderValue::from_static("POST, OPTIONS");
    headers.insert(
        HeaderName::from_static("access-control-allow-methods"),
        methods,
    );
    if let Some(asked) = request.headers().get("access-control-request-headers") {
        headers.insert(
            HeaderName::from_static("access-control-allow-headers"),
            asked.clone(),
        );
    }
    response
}

fn is_single_page_origin(application: &Application, origin: &str) -> bool {
    let mut registered = application.spa.redirect_uris.iter();
    registered.any(|uri| is_origin_of(uri, origin))
}

/// Compares exactly, but ignores the port of http://localhost, as for redirect URIs.
fn is_origin_of(uri: &str, origin: &str) -> bool {
    let (Ok(registered), Ok(sent)) = (Url::parse(uri), Url::parse(origin)) else {
        return false;
    };
    // Only the form in which browsers write an origin.
    if !sent.origin().is_tuple() || sent.origin().ascii_serialization() != origin {
        return false;
    }
    let local = registered.scheme() == "http" && registered.host_str() == Some("localhost");
    let same_port = registered.port_or_known_default() == sent.port_or_known_default();
    registered.scheme() == sent.scheme()
        && registered.host_str() == sent.host_str()
        && (local || same_port)
}

const ALLOW_ORIGIN: HeaderName = HeaderName::from_static("access-control-allow-origin");
const VARY: HeaderName = HeaderName::from_static("vary");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_any_other_origin() {
        let uri = "https://spa.example.test/app/";
        assert!(is_origin_of(uri, "https://spa.example.test"));
        for other in [
            "",
            "null",
            "*",
            "https://spa.example.test/",
            "https://spa.example.test:443",
            "https://SPA.example.test",
            "https://spa.example.test:444",
            "http://spa.example.test",
            "https://spa.example.test.evil.test",
            "https://x@spa.example.test",
            "https://evil.test",
            "file://",
        ] {
            assert!(!is_origin_of(uri, other), "{other}");
        }
    }

    #[test]
    fn ignores_the_port_of_localhost() {
        let uri = "http://localhost:3000/";
        for port in ["", ":3000", ":5173"] {
            assert!(is_origin_of(uri, &format!("http://localhost{port}")));
        }
        for other in ["https://localhost:3000", "http://127.0.0.1:3000"] {
            assert!(!is_origin_of(uri, other), "{other}");
        }
    }
}
