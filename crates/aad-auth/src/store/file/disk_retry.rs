//! When the writer tries a full disk again.

use std::time::Instant;

/// The earliest times of the next tries. `None`: at once.
#[derive(Default)]
pub(super) struct DiskRetry {
    /// When to fill the reserve again.
    pub(super) fill_reserve_at: Option<Instant>,
    /// When changes may grow again.
    pub(super) grow_at: Option<Instant>,
}
