//! Timeouts and limits of sessions.

use std::time::Duration;

/// Idle timeout, absolute timeout and sessions per user.
///
/// See [`Auth::limits`](crate::Auth::limits) for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SessionLimits {
    /// Idle timeout: ends a session after this time without a request.
    pub idle: Duration,
    /// Absolute timeout: ends a session after this time in any case.
    pub max: Duration,
    /// Most sessions of one user; beyond it the oldest end. `None`: no limit.
    pub per_user: Option<usize>,
}

impl SessionLimits {
    /// The idle timeout is extended at most this often.
    pub(super) fn touch_interval(&self) -> Duration {
        self.idle / 20
    }
}

/// How long a session lasts after a new sign-in of the same user has replaced it. Requests of other
/// tabs that are under way still succeed.
pub(super) const RETIREMENT: Duration = Duration::from_secs(60);

/// How far clocks may differ before a stored time counts as one of the future.
pub(super) use crate::clock::CLOCK_LEEWAY;
