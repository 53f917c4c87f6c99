//! Why an exchange brought no response.

use super::TransportError;

/// Why an exchange brought no response, and whether the provider may have seen the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CallFailure {
    pub(super) error: TransportError,
    /// There was no connection, so that no byte of the request was sent.
    pub(super) nothing_sent: bool,
}

impl CallFailure {
    /// The deadline has passed.
    pub(super) const TIMEOUT: Self = Self {
        error: TransportError::Timeout,
        nothing_sent: false,
    };
}
