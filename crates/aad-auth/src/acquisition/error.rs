//! Errors of token acquisition, and how answers of the provider map to them.

use std::time::Duration;

use crate::{
    grant::{GrantError, Unavailability},
    provider::{Fault, Unavailable},
    store::StoreError,
    transport::TransportError,
    validation::VerifyError,
};

/// Why no token for a downstream API can be handed out.
///
/// ```
/// use aad_auth::{DownstreamError, downstream::{AcquireError, DownstreamErrorKind}};
///
/// fn lacks_scope(error: &DownstreamError) -> bool {
///     matches!(error.kind(), DownstreamErrorKind::Token(AcquireError::NoAccessToken))
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AcquireError {
    /// The user has to sign in again, perhaps with stronger authentication or consent. `None`: the
    /// session has no refresh token.
    #[error("the user has to sign in again")]
    InteractionRequired(Option<Box<Fault>>),
    /// The provider has ended this sign-in (user disabled, sessions revoked, password changed). The
    /// session and its tokens were ended too. `None`: this crate's own rules refuse the user now.
    #[error("the session has ended")]
    SessionEnded(Option<Box<Fault>>),
    /// The provider cannot answer now. The same request may succeed later.
    #[error("the provider cannot answer now")]
    Unavailable {
        /// How long to wait before the next try; at least a second.
        retry_after: Duration,
    },
    /// Too many refreshes are under way in this process; the provider was not asked.
    #[error("too many refreshes are under way")]
    Busy,
    /// The provider refuses the application: its credential, or what it asks for.
    #[error("the provider refuses this application")]
    Refused(Option<Box<Fault>>),
    /// The sign-in requested no API, so the provider issued no access token. The operator adds a scope
    /// of the API to `AAD_SCOPES` (at Azure AD B2C also the client id itself).
    #[error("the sign-in brought no access token: add a scope of the API to AAD_SCOPES")]
    NoAccessToken,
    /// The provider's answer is malformed, or its ID token names another user.
    #[error("the provider's answer cannot be used")]
    Broken,
    /// The session store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AcquireError {
    /// The provider's error, if it answered with one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::InteractionRequired(fault) | Self::SessionEnded(fault) | Self::Refused(fault) => {
                fault.as_deref()
            }
            _ => None,
        }
    }

    /// The claims challenge of the provider: a JSON object as text, for the `claims` parameter of the
    /// next authorization request.
    pub fn claims(&self) -> Option<&str> {
        match self {
            Self::InteractionRequired(fault) => fault.as_ref()?.claims(),
            _ => None,
        }
    }

    /// The outcome of the refresh as a stable code for metrics.
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::InteractionRequired(_) => "interaction_required",
            Self::SessionEnded(_) => "session_ended",
            Self::Unavailable { .. } => "unavailable",
            Self::Busy => "busy",
            Self::Refused(_) => "refused",
            Self::NoAccessToken => "no_access_token",
            Self::Broken => "broken",
            Self::Store(_) => "store",
        }
    }

    /// Whether provider or store could not answer, so that nothing is known about the user.
    pub(super) const fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy | Self::Store(_))
    }

    pub(super) const fn unavailable(seconds: u64) -> Self {
        Self::Unavailable {
            retry_after: Duration::from_secs(seconds),
        }
    }
}

impl From<Unavailable> for AcquireError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable {
            retry_after: error.retry_after,
        }
    }
}

impl From<VerifyError> for AcquireError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Unavailable(unavailable) => unavailable.into(),
            VerifyError::Rejected(rejection) if rejection.is_tenant_not_allowed() => {
                Self::SessionEnded(None)
            }
            VerifyError::Rejected(rejection) => {
                let code = rejection.code.as_str();
                tracing::error!(code, "the ID token of a refresh was refused");
                Self::Broken
            }
        }
    }
}

impl From<GrantError> for AcquireError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refused(fault) | GrantError::Spent(fault) => refused(fault),
            GrantError::Unavailable {
                cause: Unavailability::Transport(TransportError::Busy),
                ..
            } => Self::Busy,
            GrantError::Unavailable { cause, retry_after } => {
                let asked_to_wait = matches!(cause, Unavailability::Status(429));
                let usual = Duration::from_secs(if asked_to_wait { 30 } else { 1 });
                Self::Unavailable {
                    retry_after: retry_after.unwrap_or(usual).max(Duration::from_secs(1)),
                }
            }
            GrantError::Credential(_) => Self::Refused(None),
            GrantError::Broken(answer) if answer.is_no_answer() => Self::unavailable(1),
            GrantError::Broken(_) => Self::Broken,
        }
    }
}

/// Maps a refused refresh by status, `error` and Entra's `suberror`, never by an AADSTS number. With
/// `bad_token` the refresh token itself is invalid, so an interactive request with it cannot help.
fn refused(fault: Box<Fault>) -> AcquireError {
    let gone = fault.suberror() == Some("bad_token") || !fault.needs_interaction();
    if fault.refuses_credential() {
        AcquireError::Refused(Some(fault))
    } else if fault.refuses_grant() && gone {
        AcquireError::SessionEnded(Some(fault))
    } else if fault.needs_interaction() {
        AcquireError::InteractionRequired(Some(fault))
    } else {
        AcquireError::Refused(Some(fault))
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
