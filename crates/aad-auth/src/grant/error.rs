//! Why a token request brought no token.

use std::time::Duration;

use crate::{client_auth::CredentialError, provider::Fault, transport::TransportError};

/// Why there is no token. Nothing in it comes from a body, except the words of a [`Fault`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The provider refused the grant or the application; the same request will fail again.
    #[error("the provider refused the token request: {0}")]
    Refused(Box<Fault>),
    /// The provider refused the grant, after it had refused the credential of an earlier request with
    /// the same grant: that request may have used the grant up. The credential of the last request
    /// was accepted, so that a new grant can be redeemed.
    #[error("the provider refused the token request that followed a refused credential: {0}")]
    Spent(Box<Fault>),
    /// The provider cannot be reached or cannot answer now; later it may.
    #[error("the provider cannot answer now: {cause}")]
    Unavailable {
        /// What stood in the way.
        cause: Unavailability,
        /// How long the provider asks us to wait, at most one hour.
        retry_after: Option<Duration>,
    },
    /// The provider answered with something that is no token response.
    #[error("the provider's token response cannot be used: {0}")]
    Broken(BrokenAnswer),
    /// The application has no credential that this provider takes.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// What kept the provider from answering.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailability {
    /// No answer.
    #[error(transparent)]
    Transport(TransportError),
    /// An answer with this status (429 or 5xx) and no error body.
    #[error("status {0}")]
    Status(u16),
    /// An answer that says so.
    #[error("{0}")]
    Fault(Box<Fault>),
}

/// What is wrong with an answer of the token endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenAnswer {
    /// It could not be fetched or read.
    #[error(transparent)]
    Transport(TransportError),
    /// Neither 200 nor an error answer of RFC 6749 section 5.2; redirects are never followed.
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
    #[error("`{0}` is missing or cannot be right")]
    Member(&'static str),
}

impl BrokenAnswer {
    /// Whether nothing came that could be judged: the handshake failed, or the connection was cut.
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
