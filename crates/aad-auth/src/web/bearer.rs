//! Bearer tokens in requests, and the answers of RFC 6750.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
};

use super::{
    answer::{self, Problem},
    mount::Auth,
};
use crate::{
    authorization::Policy,
    validation::{AccessToken, VerifyError},
};

/// What a request's `Authorization` header holds.
pub(super) enum Presented<'a> {
    /// No bearer token.
    Nothing,
    /// Something that cannot be one: refused before anything is looked at.
    Malformed,
    /// A token.
    Token(&'a str),
}

/// Reads the header (RFC 6750 section 2.1). Tokens in the query or body are not read at all
/// (sections 2.2 and 2.3: addresses end in logs).
pub(super) fn presented(headers: &HeaderMap) -> Presented<'_> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else {
        return Presented::Nothing;
    };
    if values.next().is_some() {
        return Presented::Malformed;
    }
    let Ok(text) = value.to_str() else {
        return Presented::Malformed;
    };
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Presented::Nothing;
    }
    let token = rest.trim_matches(' ');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(plain) {
        return Presented::Malformed;
    }
    Presented::Token(token)
}

/// Whether the query carries a token, which is refused wherever bearer tokens are taken.
pub(super) fn in_query(request: &HttpRequest) -> bool {
    let query = request.query_string();
    query.contains("access_token")
        && url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

/// Why a bearer request is refused (RFC 6750 section 3.1).
pub(super) enum BearerError<'a> {
    /// There is no credential.
    Missing,
    /// The request is malformed, or carries more than one credential.
    InvalidRequest,
    /// The token is not acceptable.
    InvalidToken(&'static str, &'static str),
    /// The token is genuine but grants too little.
    InsufficientScope(&'a str),
}

impl Auth {
    /// Verifies a token.
    pub(super) async fn verify_bearer(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        self.engine().verifier().access_token(token).await
    }

    /// The answer to a bearer request that is refused.
    pub(super) fn bearer_refused(
        &self,
        request: &HttpRequest,
        policy: &Policy,
        error: &BearerError<'_>,
    ) -> HttpResponse {
        let scopes = policy.scopes().join(" ");
        let (status, code, detail) = match error {
            BearerError::Missing => (StatusCode::UNAUTHORIZED, "", "This needs a bearer token."),
            BearerError::InvalidRequest => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Send exactly one credential, and a bearer token in the Authorization header only.",
            ),
            BearerError::InvalidToken(_, sentence) => {
                (StatusCode::UNAUTHORIZED, "invalid_token", *sentence)
            }
            BearerError::InsufficientScope(sentence) => {
                (StatusCode::FORBIDDEN, "insufficient_scope", *sentence)
            }
        };
        let reason = match error {
            BearerError::Missing => "anonymous",
            BearerError::InvalidToken(reason, _) => reason,
            _ => code,
        };
        let problem = Problem {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            detail,
            reason,
            reference: None,
            login_url: None,
        };
        let mut response = answer::problem_response(status, &problem);
        let challenge = self.bearer_challenge(code, detail, &scopes);
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, value);
        }
        answer::allow_origin(
            &mut response,
            request.headers(),
            &self.config().cors_origins,
        );
        response
    }

    /// `WWW-Authenticate` (RFC 6750 section 3), with the authority in Entra's form.
    fn bearer_challenge(&self, error: &str, description: &str, scopes: &str) -> String {
        let quoted = |text: &str| text.replace(['"', '\\'], "'");
        let mut parts = vec![format!("realm=\"{}\"", quoted(&self.config().client_id))];
        if let Some(metadata) = self.engine().provider().metadata_now() {
            let endpoint = quoted(metadata.authorization_endpoint.as_str());
            parts.push(format!("authorization_uri=\"{endpoint}\""));
        }
        if !error.is_empty() {
            parts.push(format!("error=\"{error}\""));
            parts.push(format!("error_description=\"{}\"", quoted(description)));
        }
        if !scopes.is_empty() {
            parts.push(format!("scope=\"{}\"", quoted(scopes)));
        }
        format!("Bearer {}", parts.join(", "))
    }

    /// The answer while keys cannot be had.
    pub(super) fn provider_down(&self, seconds: u64) -> HttpResponse {
        let problem = Problem {
            r#type: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "Tokens cannot be verified at the moment.",
            reason: "AAD-PROVIDER-UNAVAILABLE",
            reference: None,
            login_url: None,
        };
        let mut response = answer::problem_response(StatusCode::SERVICE_UNAVAILABLE, &problem);
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        match presented(&headers) {
            Presented::Nothing => "nothing".to_owned(),
            Presented::Malformed => "malformed".to_owned(),
            Presented::Token(token) => token.to_owned(),
        }
    }

    #[test]
    fn only_one_plain_bearer_token_is_read() {
        assert_eq!(read(&["Bearer abc.def"]), "abc.def");
        assert_eq!(read(&["bearer abc"]), "abc");
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer {\"a\":1}"],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(read(values), "malformed", "{values:?}");
        }
        for values in [&[][..], &["Basic YTpi"], &["Bearerabc"], &[""]] {
            assert_eq!(read(values), "nothing", "{values:?}");
        }
    }
}
