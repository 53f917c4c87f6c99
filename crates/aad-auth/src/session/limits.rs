//! How long sessions live.

use std::time::Duration;

/// Limits of a session's life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SessionLimits {
    /// Ends a session after this time without a request.
    pub idle: Duration,
    /// Ends a session after this time in any case.
    pub max: Duration,
    /// How many sessions one user may have; the oldest end first. `None`: any number.
    pub per_user: Option<usize>,
}

impl SessionLimits {
    /// The idle clock is written at most this often.
    pub(super) fn touch_interval(&self) -> Duration {
        self.idle / 20
    }
}

/// How long a session that a new sign-in of the same user has replaced still answers, so that
/// requests of other tabs that are under way are not turned away.
pub(super) const RETIREMENT: Duration = Duration::from_secs(60);

/// A stored time counts as one of the future from this difference on.
pub(super) use crate::clock::CLOCK_LEEWAY;
