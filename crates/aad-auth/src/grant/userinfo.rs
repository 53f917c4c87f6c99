//! Asks the userinfo endpoint (OpenID Connect Core 1.0 section 5.3).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::TokenResponse;
use crate::{
    config::RolesClaim,
    provider::{Fault, Metadata},
    secret::ExposeSecret,
    transport::{CallPurpose, Request, Response, Transport, TransportError, without_bom},
    validation::{IdToken, ProviderKind, Userinfo},
};

/// Why userinfo says nothing that may be used: a sentence for the operator.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UserinfoError {
    /// Metadata names no endpoint that may be called.
    #[error("the provider's metadata has no usable userinfo_endpoint")]
    NoEndpoint,
    /// The token endpoint gave no access token that could be sent.
    #[error("there is no access token to ask the userinfo endpoint with")]
    NoAccessToken,
    /// The endpoint cannot be asked now.
    #[error("the userinfo endpoint cannot be asked: {0}")]
    Transport(TransportError),
    /// The endpoint answered with an error that may pass by itself.
    #[error("the userinfo endpoint answered with status {0}")]
    Unavailable(u16),
    /// The endpoint refused.
    #[error("the userinfo endpoint answered with status {status}{word}")]
    Refused {
        /// The status.
        status: u16,
        /// The provider's error word in brackets, where it gave one.
        word: String,
    },
    /// The answer is no userinfo response.
    #[error("the userinfo endpoint's answer cannot be used: {0}")]
    Broken(&'static str),
    /// It speaks of another subject than the ID token (section 5.3.2).
    #[error("the userinfo endpoint speaks of another subject than the ID token")]
    OtherSubject,
}

impl UserinfoError {
    /// Whether it says nothing of the user: the endpoint could not answer. An answer that cannot be
    /// used is none: users may be able to bring it about, by a profile that grows too large for one.
    pub const fn is_outage(&self) -> bool {
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

/// A request to the userinfo endpoint.
pub struct UserinfoRequest<'a> {
    /// From which share of calls and connections it takes: `Userinfo` at a sign-in, `Refresh` at a
    /// recheck, which must not take the place of a sign-in.
    pub purpose: CallPurpose,
    /// Names the endpoint, where the provider has one.
    pub metadata: &'a Metadata,
    /// Has the access token that came with the ID token.
    pub response: &'a TokenResponse,
    /// Its subject must be that of the answer (section 5.3.2).
    pub id_token: &'a IdToken,
    /// The claims that hold roles.
    pub roles: &'a RolesClaim,
    /// Whose answer it is.
    pub provider: ProviderKind,
}

/// What the endpoint says of the subject of the ID token.
///
/// # Errors
/// A [`UserinfoError`], for another subject too.
pub async fn userinfo(
    transport: &Transport,
    asked: UserinfoRequest<'_>,
) -> Result<Userinfo, UserinfoError> {
    let endpoint = asked.metadata.userinfo_endpoint.clone();
    let endpoint = endpoint.ok_or(UserinfoError::NoEndpoint)?;
    let access_token = asked.response.access_token.as_ref();
    let access_token = access_token.ok_or(UserinfoError::NoAccessToken)?;
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let mut bearer = HeaderValue::try_from(bearer).map_err(|_| UserinfoError::NoAccessToken)?;
    bearer.set_sensitive(true);
    let request = Request::get(asked.purpose, endpoint).header(header::AUTHORIZATION, bearer);
    let answer = transport.send(request).await;
    let answer = answer.map_err(UserinfoError::Transport)?;
    let unsaid = asked.id_token.unsaid_roles();
    let info = Userinfo::parse(body_of(&answer)?, asked.roles, asked.provider, unsaid);
    let info = info.map_err(UserinfoError::Broken)?;
    if asked.id_token.sub() == Some(&info.sub) {
        Ok(info)
    } else {
        Err(UserinfoError::OtherSubject)
    }
}

/// What may be a userinfo response.
fn body_of(answer: &Response) -> Result<&[u8], UserinfoError> {
    let status = answer.status;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(UserinfoError::Unavailable(status.as_u16()));
    }
    if status != StatusCode::OK {
        let word = Fault::from_json(&answer.body)
            .map(|fault| fault.error().to_owned())
            .or_else(|| challenge_error(&answer.headers));
        return Err(UserinfoError::Refused {
            status: status.as_u16(),
            word: word.map(|word| format!(" ({word})")).unwrap_or_default(),
        });
    }
    let media_type = answer.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|text| text.trim_start().starts_with("application/jwt")) {
        let signed =
            "it is signed (application/jwt), which is not read: have the provider send JSON";
        return Err(UserinfoError::Broken(signed));
    }
    Ok(without_bom(&answer.body))
}

/// The `error` of a `WWW-Authenticate` challenge (RFC 6750 section 3): a plain word or nothing.
fn challenge_error(headers: &HeaderMap) -> Option<String> {
    let challenge = headers.get(header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let (_, rest) = challenge.split_once("error=\"")?;
    let (word, _) = rest.split_once('"')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    ((1..=64).contains(&word.len()) && word.bytes().all(plain)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::Paths;

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
        let info = Userinfo::parse(body, claim, ProviderKind::Generic, Paths::ALL);
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
