//! Counters of the provider, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Totals since the start, for metrics.
///
/// See [`Metrics`](crate::metrics::Metrics) for an example.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProviderTotals {
    /// Fetches of the metadata document.
    pub metadata_fetches: u64,
    /// Fetches of the key set.
    pub key_fetches: u64,
    /// Loads that failed.
    pub failures: u64,
    /// Tokens whose key id was not among the held keys.
    pub unknown_keys: u64,
    /// Tokens with an unknown key id that caused no fetch: the budget was used up, or an earlier fetch
    /// had not brought the key.
    pub fetches_saved: u64,
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
