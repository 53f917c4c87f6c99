//! Health and figures of a store.

use super::StoreError;

/// Whether a store can be used, for `/readyz`.
///
/// ```
/// use aad_auth::store::{Store, StoreHealth};
///
/// async fn warning(store: &dyn Store) -> Option<String> {
///     match store.health().await {
///         StoreHealth::Degraded(reason) | StoreHealth::Unusable { reason, .. } => Some(reason),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreHealth {
    /// The store works.
    Ready,
    /// The store serves signed-in users, but the operator has to act: the text names the setting and the
    /// remedy. A store that refuses new records is at best degraded.
    Degraded(String),
    /// The store is opening. Operations return [`StoreError::Opening`].
    Opening,
    /// The store cannot be used, for this reason.
    Failed(StoreError),
    /// The store cannot be used, and `reason` is more exact than the error.
    Unusable {
        /// The error that operations return.
        error: StoreError,
        /// One sentence with the cause, the setting and the remedy.
        reason: String,
    },
}

impl StoreHealth {
    /// Whether operations can succeed.
    pub const fn is_usable(&self) -> bool {
        matches!(self, Self::Ready | Self::Degraded(_))
    }

    /// Ready without warnings, else degraded.
    pub(super) fn with_warnings(warnings: &[&str]) -> Self {
        if warnings.is_empty() {
            Self::Ready
        } else {
            Self::Degraded(warnings.join("; "))
        }
    }
}

/// Figures of a store since it was opened, for metrics. `None`: the back end does not know the figure
/// without cost. A Redis server publishes its own figures.
///
/// See [`Metrics`](crate::metrics::Metrics) for an example.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Records and index members, including expired ones that are not removed yet.
    pub records: Option<u64>,
    /// Bytes: in memory with overhead, in a file the size of the file.
    pub bytes: Option<u64>,
    /// The bound on `bytes`. `None`: no bound.
    pub capacity: Option<u64>,
    /// Bytes of application data, with overhead.
    pub application_bytes: Option<u64>,
    /// The bound on `application_bytes`. `None`: no bound.
    pub application_capacity: Option<u64>,
    /// Records and index members that were removed after they had expired.
    pub expired: u64,
    /// Operations that were refused because the store was full.
    pub refused: u64,
    /// Updates that failed by conflict with another writer.
    pub conflicts: u64,
    /// Commits to the disk (file store). One commit has many operations.
    pub commits: u64,
    /// Operations that failed.
    pub failures: u64,
}
