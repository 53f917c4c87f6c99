//! A request to the provider, its response, and what can go wrong in between.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

/// What a request is for: chooses what may be repeated, and labels metrics and logs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// The discovery document.
    Metadata,
    /// The key set.
    Keys,
    /// The token endpoint. Never repeated: a grant may be used up by the first attempt.
    Token,
    /// The userinfo endpoint.
    Userinfo,
    /// A downstream API, such as Microsoft Graph.
    Api,
}

impl Purpose {
    /// The label in metrics and logs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Keys => "keys",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::Api => "api",
        }
    }
}

/// A request to the provider. It has no `Debug`: its headers and body carry secrets.
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// The HTTP method.
    pub method: Method,
    /// The absolute address: https, or http on loopback.
    pub url: Url,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body; empty for GET.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET that accepts JSON.
    pub fn get(purpose: Purpose, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            purpose,
            method: Method::GET,
            url,
            headers,
            body: Vec::new(),
        }
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

/// Why there is no response. Never contains an address's query, a header or a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Neither https nor http on loopback.
    #[error("the address is neither https nor http on loopback")]
    Insecure,
    /// Connection refused, reset, or the name cannot be resolved.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// The certificate was refused or the handshake failed.
    #[error(
        "the provider's TLS certificate was refused: set AAD_CA_FILE if its authority is your own"
    )]
    Tls,
    /// The total deadline (`AAD_PROVIDER_TIMEOUT`) has passed.
    #[error("the provider did not answer within AAD_PROVIDER_TIMEOUT")]
    Timeout,
    /// The body is larger than the cap.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The answer is not valid HTTP, or was cut off.
    #[error("the provider's answer is broken")]
    Broken,
    /// Too many requests wait for the provider already.
    #[error("too many requests to the provider are waiting")]
    Busy,
    /// The process is shutting down.
    #[error("the provider thread has stopped")]
    Stopped,
}
