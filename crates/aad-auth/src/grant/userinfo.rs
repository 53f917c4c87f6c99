//! The userinfo endpoint (OpenID Connect Core 1.0 section 5.3).

use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use url::Url;

use crate::{
    config::RolesClaim,
    secret::{ExposeSecret, Secret},
    transport::{Purpose, Request, Transport, TransportError, without_bom},
    validation::Roles,
};

/// A request to the userinfo endpoint.
pub struct UserinfoRequest<'a> {
    /// `Userinfo` at a sign-in; `Refresh` at a recheck, which must not take the place of a sign-in.
    pub purpose: Purpose,
    /// The endpoint, where the provider has one.
    pub endpoint: Option<&'a Url>,
    /// The access token that came with the ID token.
    pub access_token: Option<&'a Secret>,
    /// The subject of the ID token, which the answer must name (section 5.3.2).
    pub subject: Option<&'a str>,
    /// The claims that hold roles.
    pub roles: &'a RolesClaim,
}

/// Why there is no answer that can be used.
#[derive(Debug)]
pub enum UserinfoError {
    /// The provider has no such endpoint, or gave no access token for it.
    NotOffered,
    /// The access token cannot stand in a header.
    BadAccessToken,
    /// There was no answer.
    Transport(TransportError),
    /// The answer is none of 200.
    Status(StatusCode),
    /// The answer is no JSON object with a subject.
    Malformed,
    /// The answer speaks of another subject.
    OtherSubject,
}

impl UserinfoError {
    /// Whether the endpoint may answer later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Status(status) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}

/// Asks, and returns the roles. Nothing else of the answer is used: it is not signed.
///
/// # Errors
/// A [`UserinfoError`].
pub async fn userinfo(
    transport: &Transport,
    asked: UserinfoRequest<'_>,
) -> Result<Roles, UserinfoError> {
    let (Some(endpoint), Some(access_token)) = (asked.endpoint, asked.access_token) else {
        return Err(UserinfoError::NotOffered);
    };
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let bearer = HeaderValue::try_from(bearer);
    let mut bearer = bearer.map_err(|_| UserinfoError::BadAccessToken)?;
    bearer.set_sensitive(true);
    let request =
        Request::get(asked.purpose, endpoint.clone()).header(header::AUTHORIZATION, bearer);
    let answer = transport.send(request).await;
    let answer = answer.map_err(UserinfoError::Transport)?;
    if answer.status != StatusCode::OK {
        return Err(UserinfoError::Status(answer.status));
    }
    let body = without_bom(&answer.body);
    let Subject { sub } = serde_json::from_slice(body).map_err(|_| UserinfoError::Malformed)?;
    if asked.subject != Some(&*sub) {
        return Err(UserinfoError::OtherSubject);
    }
    Ok(Roles::of_userinfo(body, asked.roles))
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}
