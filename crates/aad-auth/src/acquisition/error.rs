//! Why there is no token for a downstream API, and what follows from it.

use std::time::Duration;

use crate::{
    grant::{GrantError, Unavailability},
    provider::{Fault, Unavailable},
    store::StoreError,
    transport::TransportError,
    validation::VerifyError,
};

/// Why there is no token.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AcquireError {
    /// The user has to sign in again, perhaps to do more there than before. Without a fault there
    /// was no refresh token to ask with.
    #[error("the user has to sign in again")]
    InteractionRequired(Option<Box<Fault>>),
    /// The provider does not know this sign-in any more (user disabled, sessions revoked, password
    /// changed): the session has been ended, and its tokens with it. Without a fault it is our own
    /// rules that do not let the user in any more.
    #[error("the session has ended")]
    SessionEnded(Option<Box<Fault>>),
    /// Later it may work.
    #[error("the provider cannot answer now")]
    Unavailable {
        /// When to try again; at least a second.
        retry_after: Duration,
    },
    /// Too many refreshes are under way in this process; the provider was not asked.
    #[error("too many refreshes are under way")]
    Busy,
    /// The provider refuses the application: its credential, or what it asks for.
    #[error("the provider refuses this application")]
    Refused(Option<Box<Fault>>),
    /// The sign-in asks for no API, so the provider made no access token. The operator adds a scope of
    /// the API to `AAD_SCOPES` (at Azure AD B2C also the client id itself).
    #[error("the sign-in brought no access token: add a scope of the API to AAD_SCOPES")]
    NoAccessToken,
    /// The provider's answer cannot be used, or speaks of somebody else.
    #[error("the provider's answer cannot be used")]
    Broken,
    /// The session store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AcquireError {
    /// What the provider said, where it said something.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::InteractionRequired(fault) | Self::SessionEnded(fault) | Self::Refused(fault) => {
                fault.as_deref()
            }
            _ => None,
        }
    }

    /// The claims challenge: a JSON object as text, for the `claims` parameter of the sign-in that
    /// is to satisfy it.
    pub fn claims(&self) -> Option<&str> {
        match self {
            Self::InteractionRequired(fault) => fault.as_ref()?.claims(),
            _ => None,
        }
    }

    /// A stable word for dashboards: how the refresh ended.
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

    /// Whether it says nothing of the user: what was asked could not answer.
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

/// By the status, the word and Entra's `suberror`, never by a number. `bad_token` says that the refresh
/// token itself is gone, which the libraries' rule counts among what a page can mend.
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
mod tests {
    use http::StatusCode;

    use super::*;

    fn of(body: &str) -> AcquireError {
        answered(403, body)
    }

    fn answered(status: u16, body: &str) -> AcquireError {
        let status = StatusCode::from_u16(status).unwrap();
        let fault = Fault::of_answer(status, body.as_bytes()).unwrap();
        GrantError::Refused(Box::new(fault)).into()
    }

    /// Dex answers a revoked refresh token `invalid_request`.
    #[test]
    fn r71_any_400_to_a_refresh_ends_the_session_unless_the_credential_or_the_user_is_asked_for() {
        for word in [
            "invalid_request",
            "invalid_grant",
            "invalid_token",
            "invalid_scope",
            "unsupported_grant_type",
            "token_expired",
        ] {
            let body = format!(r#"{{"error":"{word}"}}"#);
            let error = answered(400, &body);
            assert!(
                matches!(error, AcquireError::SessionEnded(Some(_))),
                "{word}"
            );
        }
        for word in ["invalid_client", "unauthorized_client", "bad_client_secret"] {
            let error = answered(400, &format!(r#"{{"error":"{word}"}}"#));
            assert!(matches!(error, AcquireError::Refused(Some(_))), "{word}");
        }
        for word in ["interaction_required", "consent_required", "login_required"] {
            let error = answered(400, &format!(r#"{{"error":"{word}"}}"#));
            let asked = matches!(error, AcquireError::InteractionRequired(Some(_)));
            assert!(asked, "{word}");
        }
        // Another status may come from something on the way: three of them in a row decide.
        for status in [200, 401, 403, 404, 405, 410, 413] {
            let error = answered(status, r#"{"error":"invalid_request"}"#);
            assert!(matches!(error, AcquireError::Refused(Some(_))), "{status}");
        }
    }

    #[test]
    fn a_grant_that_is_gone_ends_the_session_and_one_that_waits_for_the_user_does_not() {
        for body in [
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50057]}"#,
            r#"{"error":"invalid_grant","suberror":"token_expired"}"#,
        ] {
            assert!(
                matches!(of(body), AcquireError::SessionEnded(Some(_))),
                "{body}"
            );
        }
        for body in [
            r#"{"error":"interaction_required","claims":"{\"access_token\":{}}"}"#,
            r#"{"error":"invalid_grant","suberror":"basic_action"}"#,
            r#"{"error":"invalid_grant","suberror":"consent_required"}"#,
        ] {
            assert!(
                matches!(of(body), AcquireError::InteractionRequired(Some(_))),
                "{body}"
            );
        }
        for body in [
            r#"{"error":"invalid_client"}"#,
            r#"{"error":"invalid_scope"}"#,
            r#"{"error":"unauthorized_client"}"#,
        ] {
            assert!(matches!(of(body), AcquireError::Refused(Some(_))), "{body}");
        }
    }

    #[test]
    fn w11_a_bound_of_this_process_is_told_from_a_provider_that_does_not_answer() {
        let busy = AcquireError::from(GrantError::from(TransportError::Busy));
        assert_eq!(busy, AcquireError::Busy);
        let silent = AcquireError::from(GrantError::from(TransportError::Timeout));
        assert_eq!(silent, AcquireError::unavailable(1));
    }

    #[test]
    fn the_claims_challenge_is_kept() {
        let error = of(r#"{"error":"interaction_required","claims":"{\"access_token\":{}}"}"#);
        assert_eq!(error.claims(), Some(r#"{"access_token":{}}"#));
    }
}
