//! The only reader of the time: a trait that tests can set.

use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// The source of the wall-clock time. The crate uses no other.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::store::{Clock, SystemClock, Timestamp};
///
/// /// An hour ahead, to test how sessions expire.
/// struct Ahead;
///
/// impl Clock for Ahead {
///     fn now(&self) -> Timestamp {
///         SystemClock.now() + Duration::from_secs(60 * 60)
///     }
/// }
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The tolerated difference between two clocks: the default of `AAD_CLOCK_LEEWAY`, and the leeway
/// between replicas.
pub(crate) const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

/// The system's wall clock.
///
/// See [`Clock`] for an example.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one reader")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z. Its arithmetic saturates: times also come
/// from outside (`exp`, `expires_in`), and must not cause a panic.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::session::Timestamp;
///
/// let start = Timestamp::from_seconds(1_800_000_000);
/// let end = start + Duration::from_secs(90);
/// assert_eq!(end.since(start), Duration::from_secs(90));
/// assert_eq!(start.since(end), Duration::ZERO);
/// ```
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Converts milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Converts seconds since the epoch, as in a JWT's NumericDate (RFC 7519 section 2).
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The time since `earlier`; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.seconds(), self.0 % 1000)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A clock that advances only when a test sets it.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::{session::Timestamp, store::Clock, testing::ManualClock};
///
/// let clock = ManualClock::at(Timestamp::from_seconds(100));
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), Timestamp::from_seconds(105));
/// ```
#[cfg(any(test, feature = "testing"))]
#[derive(Clone, Debug, Default)]
pub struct ManualClock(std::sync::Arc<std::sync::atomic::AtomicU64>);

#[cfg(any(test, feature = "testing"))]
impl ManualClock {
    /// Creates a clock at `start`.
    pub fn at(start: Timestamp) -> Self {
        let clock = Self::default();
        clock.set(start);
        clock
    }

    /// Sets the clock to `moment`.
    pub fn set(&self, moment: Timestamp) {
        self.0
            .store(moment.millis(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Advances the clock by `duration`.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now() + duration);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        let end = Timestamp::from_seconds(u64::MAX);
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(Timestamp::default() - Duration::MAX, Timestamp::default());
        assert_eq!(Timestamp::default().since(end), Duration::ZERO);
    }

    #[test]
    fn a_manual_clock_advances_only_when_told() {
        let clock = ManualClock::at(Timestamp::from_seconds(100));
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now(), Timestamp::from_millis(101_500));
    }
}
