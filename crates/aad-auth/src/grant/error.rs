//! Errors of token requests.

use std::time::Duration;

use crate::{client_auth::CredentialError, provider::Fault, transport::TransportError};

/// Why there is no token. Contains no text of a body except the codes of a [`Fault`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The provider refused the grant or the client. The same request would fail again.
    #[error("the provider refused the token request: {0}")]
    Refused(Box<Fault>),
    /// The provider refused the grant after it had refused the credential of an earlier request, which may
    /// have used up the grant. It accepted the credential of the last request, so that a new grant can be
    /// redeemed.
    #[error("the provider refused the token request that followed a refused credential: {0}")]
    Spent(Box<Fault>),
    /// The provider is not available. A later request may succeed.
    #[error("the provider is not available: {cause}")]
    Unavailable {
        /// The cause.
        cause: Unavailability,
        /// `Retry-After`, at most one hour.
        retry_after: Option<Duration>,
    },
    /// The answer is no usable token response.
    #[error("the provider's token response cannot be used: {0}")]
    Broken(BrokenAnswer),
    /// The application has no credential that this provider accepts.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// Why the provider is not available.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailability {
    /// There was no answer.
    #[error(transparent)]
    Transport(TransportError),
    /// The answer has status 429 or 5xx and no error body.
    #[error("status {0}")]
    Status(u16),
    /// The error body reports it.
    #[error("{0}")]
    Fault(Box<Fault>),
}

/// Why an answer of the token endpoint is unusable.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenAnswer {
    /// The answer could not be received.
    #[error(transparent)]
    Transport(TransportError),
    /// The answer is neither 200 nor an error answer of RFC 6749 section 5.2. Redirects are not followed.
    #[error("status {0} without an error body")]
    Status(u16),
    /// `Content-Type` is not `application/json` (RFC 6749 section 5.1).
    #[error("its media type is not application/json")]
    MediaType,
    /// There is no body.
    #[error("it is empty")]
    Empty,
    /// The body is not a JSON object.
    #[error("it is not a JSON object")]
    Json,
    /// A required member is missing, or has a value that it cannot have.
    #[error("`{0}` is missing or invalid")]
    Member(&'static str),
}

impl BrokenAnswer {
    /// Whether there was no answer: the TLS handshake failed, or the answer was no valid HTTP.
    pub const fn is_no_answer(self) -> bool {
        matches!(
            self,
            Self::Transport(
                TransportError::Tls
                    | TransportError::NoTrustedRoots
                    | TransportError::InvalidTrustedRoots
                    | TransportError::Broken
            )
        )
    }
}

impl From<TransportError> for GrantError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable
            | TransportError::Timeout
            | TransportError::Closed
            | TransportError::Busy
            | TransportError::Stopped => Self::Unavailable {
                cause: Unavailability::Transport(error),
                retry_after: None,
            },
            _ => Self::Broken(BrokenAnswer::Transport(error)),
        }
    }
}
