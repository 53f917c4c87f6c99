//! Why metadata or keys could not be loaded.

use super::{Fault, KeySetError, MetadataError, Misconfiguration, catalogue};
use crate::transport::TransportError;

/// Why metadata or keys could not be loaded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The answer had another status than 200.
    #[error(
        "the provider answered its {document} with status {status}: check AAD_TENANT_ID, \
         AAD_AUTHORITY_HOST and AAD_USER_FLOW, or AAD_AUTHORITY"
    )]
    Status {
        /// `metadata document` or `key set`.
        document: &'static str,
        /// The status.
        status: u16,
    },
    /// The provider refused, and gave a Microsoft error number.
    #[error(
        "the provider refused the request for its {document} ({fault}): {} Check AAD_TENANT_ID, \
         AAD_AUTHORITY_HOST and AAD_USER_FLOW",
        catalogue::advise(fault).cause
    )]
    Refused {
        /// `metadata document` or `key set`.
        document: &'static str,
        /// The refusal.
        fault: Box<Fault>,
    },
    /// The metadata document is refused.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The key set is refused.
    #[error(transparent)]
    Keys(#[from] KeySetError),
}

impl LoadError {
    /// What an operator has to change. `None` where the next attempt may succeed without a change.
    pub fn misconfiguration(&self) -> Option<Misconfiguration> {
        match self {
            Self::Refused { fault, .. } if fault.is_transient() => None,
            Self::Refused { .. } => Some(Misconfiguration::Tenant),
            Self::Status { status, .. } => match status {
                408 | 425 | 429 | 500.. => None,
                _ => Some(Misconfiguration::Address),
            },
            Self::Metadata(error) => Some(match error {
                MetadataError::Malformed | MetadataError::Doubled(_) | MetadataError::Member(_) => {
                    Misconfiguration::Document
                }
                MetadataError::IssuerMalformed | MetadataError::IssuerMismatch { .. } => {
                    Misconfiguration::Issuer
                }
                MetadataError::Insecure(_) | MetadataError::ForeignHosts { .. } => {
                    Misconfiguration::Endpoints
                }
            }),
            Self::Keys(_) => Some(Misconfiguration::Keys),
            Self::Transport(_) => None,
        }
    }
}
