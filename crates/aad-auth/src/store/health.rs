//! What a store tells about itself.

use super::StoreError;

/// Whether a store can be used, for `/readyz`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreHealth {
    /// It works.
    Ready,
    /// It serves those who are signed in, but something needs an operator: the sentence names the
    /// setting and the remedy. A store that cannot take new records is never better than this.
    Degraded(String),
    /// It is opening; operations answer [`StoreError::Opening`].
    Opening,
    /// It cannot be used, and why.
    Failed(StoreError),
    /// It cannot be used, and `reason` tells more exactly than the error what the operator changes.
    Unusable {
        /// What operations answer.
        error: StoreError,
        /// What is the matter, with the setting and the remedy: one sentence.
        reason: String,
    },
}

impl StoreHealth {
    /// Whether operations can succeed.
    pub const fn is_usable(&self) -> bool {
        matches!(self, Self::Ready | Self::Degraded(_))
    }

    /// Ready, or degraded where there is something to tell.
    pub(super) fn with_warnings(warnings: &[&str]) -> Self {
        if warnings.is_empty() {
            Self::Ready
        } else {
            Self::Degraded(warnings.join("; "))
        }
    }
}

/// Figures of a store since it was opened, for metrics. What a back end cannot know cheaply is
/// `None` (a Redis server's own figures are the server's to publish).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Records and index members held, expired ones that wait for the sweep included.
    pub records: Option<u64>,
    /// Bytes held: in memory with the book-keeping, in a file the size of the file.
    pub bytes: Option<u64>,
    /// The bound on `bytes`, where there is one.
    pub capacity: Option<u64>,
    /// Bytes of the application's own data, book-keeping included.
    pub application_bytes: Option<u64>,
    /// The bound on `application_bytes`, where there is one.
    pub application_capacity: Option<u64>,
    /// Records and index members removed because they had expired.
    pub expired: u64,
    /// Operations refused because the store was full.
    pub refused: u64,
    /// Updates that lost a compare-and-swap.
    pub conflicts: u64,
    /// Durable commits (file store): one commit carries many operations.
    pub commits: u64,
    /// Operations that failed.
    pub failures: u64,
}
