//! Requests, responses and errors of the transport.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::retry_after::retry_after;

/// The purpose of a request. It determines retries and bounds, and labels metrics and logs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallPurpose {
    /// The discovery document.
    Metadata,
    /// The key set.
    Keys,
    /// The token endpoint, for a code redemption. Not repeated once a byte was sent: the first attempt may
    /// have used up the grant.
    Token,
    /// The token endpoint, for a refresh: of an expiring token, or to recheck a user. Retries as for
    /// [`Self::Token`].
    Refresh,
    /// The revocation endpoint.
    Revocation,
    /// The userinfo endpoint.
    Userinfo,
    /// A downstream API, such as Microsoft Graph.
    Api,
}

impl CallPurpose {
    /// The label in metrics and logs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Keys => "keys",
            Self::Token => "token",
            Self::Refresh => "refresh",
            Self::Revocation => "revocation",
            Self::Userinfo => "userinfo",
            Self::Api => "api",
        }
    }
}

/// The user and session of a downstream call, for bounds and circuit breaker.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct CallOwner {
    /// The digest of the user's key.
    pub user: [u8; 32],
    /// The digest of the session's id.
    pub session: [u8; 32],
}

/// An HTTP request. No `Debug`: headers and body may have secrets.
pub struct Request {
    /// The purpose.
    pub purpose: CallPurpose,
    /// The HTTP method.
    pub method: Method,
    /// The absolute address: https, or http on loopback.
    pub url: Url,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body; empty for GET.
    pub body: Vec<u8>,
    /// The user of a [`CallPurpose::Api`] call. `None` for a call of the application itself.
    pub caller: Option<CallOwner>,
}

impl Request {
    /// A GET that accepts JSON.
    pub fn get(purpose: CallPurpose, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            purpose,
            method: Method::GET,
            url,
            headers,
            body: Vec::new(),
            caller: None,
        }
    }

    /// The same request on behalf of a user.
    #[must_use]
    pub const fn on_behalf_of(mut self, caller: CallOwner) -> Self {
        self.caller = Some(caller);
        self
    }

    /// The same request with one more header field.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// A complete response. No `Debug`: the body may be a token.
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The whole body, at most [`TransportSettings::max_body`](super::TransportSettings::max_body) bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether `Content-Type` is `application/json`, in any case and with any parameters (RFC 9110 section
    /// 8.3.1).
    pub fn is_json(&self) -> bool {
        is_json(&self.headers)
    }

    /// `Retry-After` (RFC 9110 section 10.2.3), at most one hour. A date counts from the `Date` of the
    /// answer, so that the local clock has no influence.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

/// The body without a leading byte-order mark (RFC 8259 section 8.1).
pub(crate) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Like [`Response::is_json`], for header fields.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

/// Why there is no response. Contains no query, header or body.
///
/// ```
/// use aad_auth::downstream::{DownstreamErrorKind, GraphError, TransportError};
///
/// fn is_timeout(kind: &DownstreamErrorKind) -> bool {
///     matches!(kind, DownstreamErrorKind::Api(GraphError::Transport(TransportError::Timeout)))
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The address is neither https nor http on loopback, or it has a user name.
    #[error("the address is neither https nor http on loopback, or carries a user name")]
    Insecure,
    /// The connection was refused or reset, or the name cannot be resolved.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// The certificate was refused or the handshake failed.
    #[error(
        "the provider's TLS certificate was refused: set AAD_CA_FILE if your own authority issued it"
    )]
    Tls,
    /// There are no root certificates, neither of the system nor configured.
    #[error(
        "no trusted root certificates were found: install the system's ca-certificates or set \
         AAD_CA_FILE"
    )]
    NoTrustedRoots,
    /// The configured roots are not PEM certificates.
    #[error(
        "AAD_CA_FILE holds no usable certificate: it needs one or more blocks that begin with \
         -----BEGIN CERTIFICATE-----"
    )]
    InvalidTrustedRoots,
    /// The total deadline (`AAD_PROVIDER_TIMEOUT`) has passed.
    #[error("the provider did not answer within AAD_PROVIDER_TIMEOUT")]
    Timeout,
    /// The body exceeds the size limit.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The connection ended before the answer was complete. The provider may or may not have processed the
    /// request.
    #[error("the provider closed the connection before its answer was complete")]
    Closed,
    /// The answer is not valid HTTP, or is compressed against `Accept-Encoding`.
    #[error("the provider's answer is not valid HTTP")]
    Broken,
    /// One of the bounds of this process (calls, connections) is reached.
    #[error("too many calls of this kind are under way")]
    Busy,
    /// The circuit of the downstream API is open after several failures in a row.
    #[error("the API has failed several times in a row and is not called for a while")]
    CircuitOpen {
        /// When the next call may be made.
        retry_after: Duration,
    },
    /// The process is shutting down.
    #[error("the provider thread has stopped")]
    Stopped,
}
