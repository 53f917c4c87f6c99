//! Requests to the userinfo endpoint (OpenID Connect Core 1.0 section 5.3).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::TokenResponse;
use crate::{
    config::RolesClaim,
    provider::{Fault, Metadata},
    secret::ExposeSecret,
    transport::{CallPurpose, Request, Response, Transport, TransportError, without_bom},
    validation::{IdToken, ProviderKind, Userinfo},
};

/// Why there is no usable userinfo: a sentence for the operator.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum UserinfoError {
    /// The metadata has no usable endpoint.
    #[error("the provider's metadata has no usable userinfo_endpoint")]
    NoEndpoint,
    /// The token response has no access token.
    #[error("there is no access token for the userinfo endpoint")]
    NoAccessToken,
    /// There is no answer.
    #[error("the userinfo endpoint cannot be called: {0}")]
    Transport(TransportError),
    /// The endpoint answered with 429 or 5xx. A later call may succeed.
    #[error("the userinfo endpoint answered with status {0}")]
    Unavailable(u16),
    /// The endpoint refused.
    #[error("the userinfo endpoint answered with status {status}{error}")]
    Refused {
        /// The status.
        status: u16,
        /// The provider's error code in brackets. Empty where the answer has none.
        error: String,
    },
    /// The answer is no userinfo response.
    #[error("the userinfo endpoint's answer cannot be used: {0}")]
    Broken(&'static str),
    /// The subject is not that of the ID token (section 5.3.2).
    #[error("the userinfo response has another subject than the ID token")]
    OtherSubject,
}

impl UserinfoError {
    /// Whether the endpoint is not available. An unusable answer is no outage: a user can cause one, with a
    /// profile that exceeds the size limit.
    pub(crate) const fn is_outage(&self) -> bool {
        match self {
            Self::Transport(error) => !matches!(
                error,
                TransportError::TooLarge | TransportError::Broken | TransportError::Insecure
            ),
            Self::Unavailable(_) => true,
            _ => false,
        }
    }
}

/// Calls the userinfo endpoint, in a sign-in or at a refresh.
pub(crate) struct UserinfoClient {
    transport: Transport,
    purpose: CallPurpose,
    roles: RolesClaim,
    provider: ProviderKind,
}

impl UserinfoClient {
    /// Creates a client for calls of `purpose`: `Userinfo` at a sign-in, `Refresh` at a refresh, so that
    /// refreshes do not use up the places of sign-ins. `roles` are the claims that hold roles.
    pub(crate) const fn new(
        transport: Transport,
        purpose: CallPurpose,
        roles: RolesClaim,
        provider: ProviderKind,
    ) -> Self {
        Self {
            transport,
            purpose,
            roles,
            provider,
        }
    }

    /// Requests the claims of the subject of `id_token`, with the access token of the same response.
    ///
    /// # Errors
    /// A [`UserinfoError`], also where the answer has another subject.
    pub(crate) async fn request(
        &self,
        metadata: &Metadata,
        response: &TokenResponse,
        id_token: &IdToken,
    ) -> Result<Userinfo, UserinfoError> {
        let endpoint = metadata.userinfo_endpoint.clone();
        let endpoint = endpoint.ok_or(UserinfoError::NoEndpoint)?;
        let access_token = response.access_token.as_ref();
        let access_token = access_token.ok_or(UserinfoError::NoAccessToken)?;
        let bearer = format!("Bearer {}", access_token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| UserinfoError::NoAccessToken)?;
        bearer.set_sensitive(true);
        let request = Request::get(self.purpose, endpoint).header(header::AUTHORIZATION, bearer);
        let answer = self.transport.send(request).await;
        let answer = answer.map_err(UserinfoError::Transport)?;
        let absent = id_token.absent_role_paths();
        let info = Userinfo::parse(body_of(&answer)?, &self.roles, self.provider, absent);
        let info = info.map_err(UserinfoError::Broken)?;
        if id_token.sub() == Some(&info.sub) {
            Ok(info)
        } else {
            Err(UserinfoError::OtherSubject)
        }
    }
}

/// The body of a successful response.
fn body_of(answer: &Response) -> Result<&[u8], UserinfoError> {
    let status = answer.status;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(UserinfoError::Unavailable(status.as_u16()));
    }
    if status != StatusCode::OK {
        let error = Fault::from_json(&answer.body)
            .map(|fault| fault.error().to_owned())
            .or_else(|| challenge_error(&answer.headers));
        return Err(UserinfoError::Refused {
            status: status.as_u16(),
            error: error.map(|error| format!(" ({error})")).unwrap_or_default(),
        });
    }
    let media_type = answer.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|text| text.trim_start().starts_with("application/jwt")) {
        let signed = "it is signed (application/jwt), which is not supported: configure the provider to send JSON";
        return Err(UserinfoError::Broken(signed));
    }
    Ok(without_bom(&answer.body))
}

/// The `error` code of a `WWW-Authenticate` challenge (RFC 6750 section 3), if it is plain.
fn challenge_error(headers: &HeaderMap) -> Option<String> {
    let challenge = headers.get(header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let (_, rest) = challenge.split_once("error=\"")?;
    let (error, _) = rest.split_once('"')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    ((1..=64).contains(&error.len()) && error.bytes().all(plain)).then(|| error.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::RolePaths;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Response {
        let pair = |(name, value): &(&'static str, &'static str)| {
            let name = header::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.iter().map(pair).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn parsed(answer: &Response) -> Result<Userinfo, UserinfoError> {
        let body = body_of(answer)?;
        let claim = RolesClaim::standard();
        let info = Userinfo::parse(body, claim, ProviderKind::Generic, RolePaths::ALL);
        info.map_err(UserinfoError::Broken)
    }

    #[test]
    fn r84_what_is_no_userinfo_response_is_refused_and_named() {
        let json = [("content-type", "application/json")];
        let challenge = [(
            "www-authenticate",
            "Bearer realm=\"x\", error=\"insufficient_scope\", error_description=\"canary\"",
        )];
        for (answer, named) in [
            (
                answer(401, &json, r#"{"error":"invalid_token"}"#),
                "401 (invalid_token)",
            ),
            (
                answer(403, &challenge, "canary"),
                "403 (insufficient_scope)",
            ),
            (answer(404, &[], "canary"), "status 404"),
            (answer(302, &[], ""), "status 302"),
            (answer(503, &json, r#"{"error":"x"}"#), "status 503"),
            (
                answer(200, &[("content-type", "application/jwt")], "e30.e30.x"),
                "signed",
            ),
            (answer(200, &json, "[]"), "no JSON object"),
            (answer(200, &json, r#"{"sub":"a","sub":"b"}"#), "twice"),
            (answer(200, &json, "{}"), "`sub` is missing"),
            (answer(200, &json, r#"{"sub":7}"#), "`sub` is missing"),
            (answer(200, &json, r#"{"sub":null}"#), "`sub` is missing"),
        ] {
            let error = parsed(&answer).err().unwrap().to_string();
            assert!(error.contains(named), "{named}: {error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn claims_of_another_type_name_nothing() {
        let body = r#"{"sub":"s","name":null,"email":7,"roles":7,"groups":[1]}"#;
        let info = parsed(&answer(200, &[], body));
        let info = info.ok().unwrap();
        assert!(info.name.is_none() && info.email.is_none());
        assert!(info.roles.listed().is_empty() && info.roles.is_incomplete());
        assert_eq!(info.groups, crate::validation::Groups::Unreadable);
    }
}
