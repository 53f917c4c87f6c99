//! The provider's state, for readiness and metrics.

use super::{LoadError, Obstacle, ProviderTotals, provider_clock::exceeds_leeway};
use crate::clock::Timestamp;

/// The provider's state at one moment.
///
/// See [`Metrics`](crate::metrics::Metrics) for an example.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProviderState {
    /// When the metadata was last loaded. `None` before the first load, and when it is too old to use.
    pub metadata_loaded_at: Option<Timestamp>,
    /// When keys were last loaded. `None` before the first load.
    pub keys_loaded_at: Option<Timestamp>,
    /// How many usable keys are held.
    pub keys: usize,
    /// How many members of the last key set were not usable.
    pub skipped_keys: usize,
    /// Failed loads since the last successful one.
    pub failures_in_a_row: u32,
    /// Why the last load failed. `None` after a success.
    pub(crate) last_error: Option<LoadError>,
    /// Why no sign-in can succeed, although metadata and keys are loaded. Usually empty.
    pub(crate) obstacles: Vec<Obstacle>,
    /// The provider's clock minus the local one in seconds, by the `Date` header. `None` before the
    /// first usable `Date`.
    pub clock_skew: Option<i64>,
    /// Totals since the start.
    pub totals: ProviderTotals,
}

impl ProviderState {
    /// Whether an operator should look at the provider. Requests are served while metadata and keys
    /// are held.
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

    /// [`Self::clock_skew`], where it exceeds the default leeway of token validation.
    pub(crate) fn clock_differs(&self) -> Option<i64> {
        self.clock_skew.filter(|skew| exceeds_leeway(*skew))
    }
}
