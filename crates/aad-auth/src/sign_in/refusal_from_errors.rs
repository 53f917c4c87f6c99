//! Maps errors of lower rooms to refusals.

use std::time::Duration;

use super::Refusal;
use crate::{
    grant::{GrantError, Unavailability},
    provider::Unavailable,
    store::StoreError,
    validation::VerifyError,
};

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        let retry_after = error.retry_after;
        match error.misconfiguration {
            Some(what) => Self::ProviderMisconfigured { what, retry_after },
            None => Self::ProviderUnavailable { retry_after },
        }
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Rejected(rejection) if rejection.is_tenant_not_allowed() => {
                Self::TenantNotAllowed
            }
            VerifyError::Rejected(rejection) => Self::TokenRejected(rejection),
            VerifyError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<GrantError> for Refusal {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refused(fault) if fault.refuses_credential() => {
                Self::CredentialRefused(fault)
            }
            GrantError::Refused(fault) => Self::CodeRefused(fault),
            GrantError::Spent(fault) => Self::CodeSpent(fault),
            GrantError::Unavailable { cause, retry_after } => {
                let asked_to_wait = matches!(cause, Unavailability::Status(429));
                let usual = Duration::from_secs(if asked_to_wait { 30 } else { 5 });
                Self::ProviderUnavailable {
                    retry_after: retry_after.unwrap_or(usual),
                }
            }
            GrantError::Credential(error) => Self::CredentialUnusable(error.to_string()),
            GrantError::Broken(answer) => Self::ProviderBroken(format!(
                "the token endpoint's answer cannot be used: {answer}"
            )),
        }
    }
}
