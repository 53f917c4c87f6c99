//! A request to the provider, its response, and what can go wrong in between.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::retry;

/// What a request is for: chooses what may be repeated and which bounds apply, and labels metrics
/// and logs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallPurpose {
    /// The discovery document.
    Metadata,
    /// The key set.
    Keys,
    /// The token endpoint, for a code redemption. Never repeated once a byte was sent: a grant may
    /// be used up by the first attempt.
    Token,
    /// The token endpoint, for a refresh: of a token that runs out, or to recheck a user. Repeated
    /// no more than a redemption.
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

/// For whom a downstream API is called: bounds and circuit breaker tell users apart by it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct CallOwner {
    /// The digest of the user's key.
    pub user: [u8; 32],
    /// The digest of the session's id.
    pub session: [u8; 32],
}

/// A request to the provider. It has no `Debug`: its headers and body carry secrets.
pub struct Request {
    /// What it is for.
    pub purpose: CallPurpose,
    /// The HTTP method.
    pub method: Method,
    /// The absolute address: https, or http on loopback.
    pub url: Url,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body; empty for GET.
    pub body: Vec<u8>,
    /// For [`CallPurpose::Api`]: for whom. `None` is the application itself.
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

/// The provider's response, read to its end. It has no `Debug`: the body may be a token.
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// Header fields.
    pub headers: HeaderMap,
    /// The whole body, at most the transport's cap.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether `Content-Type` says `application/json`, whatever its parameters
    /// (RFC 9110 section 8.3.1: media types are case-insensitive).
    pub fn is_json(&self) -> bool {
        is_json(&self.headers)
    }

    /// How long the provider asks us to wait (`Retry-After`, RFC 9110 section 10.2.3), at most
    /// one hour. A date counts from the answer's own `Date`, so no clock of ours is involved.
    pub fn retry_after(&self) -> Option<Duration> {
        retry::retry_after(&self.headers)
    }
}

/// A body without the byte-order mark before it, which RFC 8259 section 8.1 lets readers skip.
pub(crate) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// [`Response::is_json`] for bare header fields.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

/// Why there is no response. Never contains an address's query, a header or a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Neither https nor http on loopback, or with a user name in the address.
    #[error("the address is neither https nor http on loopback, or carries a user name")]
    Insecure,
    /// Connection refused, reset, or the name cannot be resolved.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// The certificate was refused or the handshake failed.
    #[error(
        "the provider's TLS certificate was refused: set AAD_CA_FILE if its authority is your own"
    )]
    Tls,
    /// The system brings no root certificates, and none are configured.
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
    /// The body is larger than the cap.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The connection ended before the answer was complete: the provider has stopped, or something on
    /// the way has closed the connection. Whether the request was acted upon is not known.
    #[error("the provider closed the connection before its answer was complete")]
    Closed,
    /// The answer is not valid HTTP, or is compressed although we asked it not to be.
    #[error("the provider's answer is broken")]
    Broken,
    /// One of the bounds of this process (calls, connections) is reached.
    #[error("too many calls of this kind are under way")]
    Busy,
    /// The downstream API has failed several times in a row, and is not called for a while.
    #[error("the API has failed several times in a row and is not called for a while")]
    CircuitOpen {
        /// When the next call may be made.
        retry_after: Duration,
    },
    /// The process is shutting down.
    #[error("the provider thread has stopped")]
    Stopped,
}
