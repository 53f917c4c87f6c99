//! Errors of Graph calls.

use std::time::Duration;

use crate::transport::TransportError;

/// Why a call has no usable answer.
///
/// See [`DownstreamErrorKind`](crate::downstream::DownstreamErrorKind) for an example.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The provider is in no cloud with a Graph, and `AAD_GRAPH_URL` is not set.
    #[error("there is no Graph at this provider: set AAD_GRAPH_URL")]
    NotConfigured,
    /// The address is on another host, or malformed.
    #[error("the address is not below the configured Graph")]
    ForeignAddress,
    /// There is no answer, or an unreadable one.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The answer is no JSON, or has an unexpected form.
    #[error("the answer of Graph is not the expected JSON")]
    Unexpected,
    /// The answer has an error status.
    #[error("Graph answered with status {status}{}", code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Status {
        /// The status.
        status: u16,
        /// The `code` of the error body, such as `Authorization_RequestDenied`.
        code: Option<String>,
        /// `Retry-After`, at most one hour.
        retry_after: Option<Duration>,
    },
}
