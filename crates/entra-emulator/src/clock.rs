//! The emulator's clock: the machine's time plus an offset that tests set.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// The machine's time plus an offset.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Seconds.
    offset: AtomicI64,
}

impl Clock {
    /// Seconds since the Unix epoch, with the offset.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place of this crate that reads the time"
    )]
    pub(crate) fn now(&self) -> i64 {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        i64::try_from(elapsed)
            .unwrap_or(i64::MAX)
            .saturating_add(self.offset.load(Ordering::Relaxed))
    }

    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset.store(seconds, Ordering::Relaxed);
    }
}

/// Formats a time as error answers do: `2026-01-31 09:00:00Z`.
pub(crate) fn error_date(seconds: i64) -> String {
    timestamp(seconds)
        .strftime("%Y-%m-%d %H:%M:%SZ")
        .to_string()
}

/// Formats a time as ISO 8601: `2026-01-31T09:00:00Z`.
pub(crate) fn iso(seconds: i64) -> String {
    timestamp(seconds)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// Formats a time as HTTP headers do (RFC 9110 section 5.6.7): `Sat, 31 Jan 2026 09:00:00 GMT`.
pub(crate) fn http_date(seconds: i64) -> String {
    timestamp(seconds)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

/// Reads an ISO 8601 time stamp such as `2026-01-31T09:00:00Z` as seconds since the Unix epoch.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
