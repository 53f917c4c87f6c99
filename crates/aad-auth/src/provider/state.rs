//! What can be read about the provider's state: readiness and metrics.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{
    Fault, KeySetError, MetadataError, Misconfiguration, Obstacle, catalogue,
    provider_clock::MAX_SKEW,
};
use crate::{clock::Timestamp, transport::TransportError};

/// Why metadata or keys could not be loaded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// No answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Another answer than 200.
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
    /// An error answer that says why.
    #[error(
        "the provider refused the request for its {document} ({fault}): {} Check AAD_TENANT_ID, \
         AAD_AUTHORITY_HOST and AAD_USER_FLOW",
        catalogue::advise(fault).cause
    )]
    Refused {
        /// `metadata document` or `key set`.
        document: &'static str,
        /// What it says.
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
    /// What has to change. `None` where the next attempt may succeed by itself.
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

/// The provider's state at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProviderState {
    /// When the metadata was last loaded; none before the first time, or when too old to use.
    pub metadata_loaded_at: Option<Timestamp>,
    /// When keys were last loaded.
    pub keys_loaded_at: Option<Timestamp>,
    /// How many keys can be used.
    pub keys: usize,
    /// How many members of the last key set were not usable.
    pub skipped_keys: usize,
    /// Failed loads since the last good one.
    pub failures_in_a_row: u32,
    /// Why the last load failed; none when it did not.
    pub(crate) last_error: Option<LoadError>,
    /// What stands in the way of every sign-in, though metadata and keys are loaded.
    pub(crate) obstacles: Vec<Obstacle>,
    /// The provider's clock minus ours in seconds, by its `Date` header.
    pub clock_skew: Option<i64>,
    /// Totals since the start.
    pub totals: ProviderTotals,
}

/// Totals since the start, for metrics.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProviderTotals {
    /// Fetches of the metadata document.
    pub metadata_fetches: u64,
    /// Fetches of the key set.
    pub key_fetches: u64,
    /// Loads that failed.
    pub failures: u64,
    /// Tokens that named a key which was not among those held.
    pub unknown_keys: u64,
    /// Tokens with an unknown key that caused no fetch, since the budget was used up or the key
    /// id had just been looked for.
    pub fetches_saved: u64,
}

impl ProviderState {
    /// Whether something is not as it should be; the application still works as long as there
    /// are metadata and keys.
    pub fn is_degraded(&self) -> bool {
        self.metadata_loaded_at.is_none()
            || !self.is_refreshed()
            || !self.obstacles.is_empty()
            || self.clock_differs().is_some()
    }

    /// Whether the last load succeeded and brought keys.
    pub(crate) const fn is_refreshed(&self) -> bool {
        self.keys > 0 && self.last_error.is_none()
    }

    /// [`Self::clock_skew`], where it is more than tokens bear.
    pub(crate) fn clock_differs(&self) -> Option<i64> {
        self.clock_skew
            .filter(|skew| skew.saturating_abs() > MAX_SKEW)
    }
}

#[derive(Debug, Default)]
pub(crate) struct ProviderCounters {
    pub(crate) metadata_fetches: AtomicU64,
    pub(crate) key_fetches: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) unknown_keys: AtomicU64,
    pub(crate) fetches_saved: AtomicU64,
}

impl ProviderCounters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn totals(&self) -> ProviderTotals {
        ProviderTotals {
            metadata_fetches: self.metadata_fetches.load(Relaxed),
            key_fetches: self.key_fetches.load(Relaxed),
            failures: self.failures.load(Relaxed),
            unknown_keys: self.unknown_keys.load(Relaxed),
            fetches_saved: self.fetches_saved.load(Relaxed),
        }
    }
}

/// The last failure, and when the next attempt may be made.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Failures>);

#[derive(Clone, Debug, Default)]
struct Failures {
    in_a_row: u32,
    last: Option<LoadError>,
    next_attempt: Timestamp,
}

/// Longest time for which a failure is remembered before a caller may try again.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

impl Health {
    pub(crate) fn succeeded(&self) {
        *self.lock() = Failures::default();
    }

    pub(crate) fn failed(&self, error: LoadError, now: Timestamp) {
        let mut failures = self.lock();
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        let doubled = Duration::from_secs(1 << failures.in_a_row.min(3).saturating_sub(1));
        failures.next_attempt = now + doubled.min(LONGEST_PAUSE);
        failures.last = Some(error);
    }

    /// How long callers fail at once, because the last attempt has just failed.
    pub(crate) fn pause(&self, now: Timestamp) -> Option<Duration> {
        let pause = self.lock().next_attempt.since(now);
        (!pause.is_zero() && pause <= LONGEST_PAUSE).then_some(pause)
    }

    pub(crate) fn failures_in_a_row(&self) -> u32 {
        self.lock().in_a_row
    }

    pub(crate) fn last_error(&self) -> Option<LoadError> {
        self.lock().last.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
