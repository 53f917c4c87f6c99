//! The answers to bearer requests that are refused (RFC 6750 section 3).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    answer::{self, ProblemDetails},
    cors,
};
use crate::{policy::Policy, web::instance::Auth};

/// Why a bearer request is refused (RFC 6750 section 3.1).
pub(in crate::web) enum BearerError<'a> {
    /// There is no credential.
    Missing,
    /// The request carries more than one credential, or one in the query.
    InvalidRequest,
    /// The token is not acceptable: code and sentence.
    InvalidToken(&'static str, &'static str),
    /// The token is genuine but grants too little.
    InsufficientScope,
    /// The token is genuine and grants enough, but was not made under this authentication
    /// context, and its client can handle a claims challenge.
    InsufficientClaims(&'a str),
}

impl BearerError<'_> {
    const fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::Missing | Self::InvalidToken(..) | Self::InsufficientClaims(_) => {
                StatusCode::UNAUTHORIZED
            }
        }
    }

    /// The `error` of the challenge. None without a credential: then nothing is wrong with one.
    const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Missing => None,
            Self::InvalidRequest => Some("invalid_request"),
            Self::InvalidToken(..) => Some("invalid_token"),
            Self::InsufficientScope => Some("insufficient_scope"),
            Self::InsufficientClaims(_) => Some("insufficient_claims"),
        }
    }

    const fn detail(&self) -> &'static str {
        match self {
            Self::Missing => "This needs a bearer token.",
            Self::InvalidRequest => {
                "Send exactly one credential, and a bearer token in the Authorization header only."
            }
            Self::InvalidToken(_, sentence) => sentence,
            Self::InsufficientScope => "The token does not grant what this needs.",
            Self::InsufficientClaims(_) => "This needs a stronger sign-in of the user.",
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "anonymous",
            Self::InvalidToken(code, _) => code,
            Self::InsufficientClaims(_) => "step_up_required",
            other => other.code().unwrap_or_default(),
        }
    }
}

impl Auth {
    /// The answer to a bearer request that is refused.
    pub(in crate::web) fn bearer_refused(
        &self,
        request: &HttpRequest,
        policy: &Policy,
        error: &BearerError<'_>,
    ) -> HttpResponse {
        let status = error.status();
        let problem = ProblemDetails {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            detail: error.detail(),
            reason: error.reason(),
            reference: None,
            login_url: None,
        };
        let mut response = answer::problem_response(status, &problem);
        self.challenge_bearer(&mut response, policy, error);
        cors::allow_origin(
            &mut response,
            request.headers(),
            &self.config().cors_origins,
        );
        response
    }

    /// Adds the challenge, beside others that are there (RFC 9110 section 11.6.1).
    pub(in crate::web) fn challenge_bearer(
        &self,
        response: &mut HttpResponse,
        policy: &Policy,
        error: &BearerError<'_>,
    ) {
        if let Ok(value) = HeaderValue::try_from(self.bearer_challenge(policy, error)) {
            response
                .headers_mut()
                .append(header::WWW_AUTHENTICATE, value);
        }
    }

    /// `WWW-Authenticate` (RFC 6750 section 3), with the authority in Entra's form.
    fn bearer_challenge(&self, policy: &Policy, error: &BearerError<'_>) -> String {
        let client_id = &self.config().client_id;
        let mut challenge = Challenge::bearer();
        challenge.add("realm", client_id);
        if let Some(metadata) = self.engine().provider().metadata_at_once() {
            let endpoint = metadata.authorization_endpoint.as_str();
            challenge.add("authorization_uri", endpoint);
        }
        if let Some(code) = error.code() {
            challenge.add("error", code);
            challenge.add("error_description", error.detail());
        }
        if let BearerError::InsufficientClaims(context) = error {
            challenge.add("client_id", client_id);
            challenge.add("claims", &claims_challenge(context));
            challenge.add("cc_type", "authcontext");
        }
        let scopes = policy.scopes();
        if !scopes.is_empty() {
            challenge.add("scope", &scopes.join(" "));
        }
        challenge.0
    }

    /// The answer while keys cannot be had.
    pub(in crate::web) fn provider_down(&self, seconds: u64) -> HttpResponse {
        let problem = ProblemDetails {
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

/// Builds a challenge (RFC 9110 section 11.6.1).
struct Challenge(String);

impl Challenge {
    fn bearer() -> Self {
        let mut text = String::with_capacity(512);
        text.push_str("Bearer");
        Self(text)
    }

    /// Adds a parameter, quoted; what would end the quotes becomes an apostrophe.
    fn add(&mut self, name: &str, value: &str) {
        let text = &mut self.0;
        text.push_str(if text.ends_with('"') { ", " } else { " " });
        text.push_str(name);
        text.push_str("=\"");
        for (at, plain) in value.split(['"', '\\']).enumerate() {
            if at > 0 {
                text.push('\'');
            }
            text.push_str(plain);
        }
        text.push('"');
    }
}

/// What the client has to ask for (Entra "claims challenge"; OpenID Connect Core 1.0 section 5.5),
/// as base64 of JSON.
fn claims_challenge(context: &str) -> String {
    let claims = serde_json::json!({
        "access_token": { "acrs": { "essential": true, "value": context } }
    });
    STANDARD.encode(claims.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_parameter() {
        let mut challenge = Challenge::bearer();
        challenge.add("realm", "a");
        challenge.add("scope", r#"x", evil="y\"#);
        let expected = r#"Bearer realm="a", scope="x', evil='y'""#;
        assert_eq!(challenge.0, expected);
    }
}
