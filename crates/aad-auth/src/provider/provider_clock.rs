//! Measures the provider's clock by the `Date` header of its answers.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderMap, StatusCode, header};

use crate::{
    clock::{CLOCK_LEEWAY, Clock, Timestamp},
    observe::LogOnce,
};

/// Compares the provider's clock with the local wall clock. Answers with metadata, keys and tokens are
/// all measured. Cheap to clone.
///
/// The `iat` of a token is not exact enough: providers backdate it, and its check has a leeway of up to
/// five minutes. The provider wrote `Date` between the request and the arrival of the answer. From
/// there the monotonic clock counts on, so that a change of the wall clock is noticed.
#[derive(Clone)]
pub(crate) struct ProviderClock(Arc<ClockState>);

struct ClockState {
    clock: Arc<dyn Clock>,
    last: Mutex<Option<DateSample>>,
    skew_log: LogOnce,
}

/// The `Date` of one answer, and the two moments between which the provider wrote it.
#[derive(Clone, Copy, Debug)]
struct DateSample {
    date: Timestamp,
    sent: Instant,
    received: Instant,
}

/// The bounds of the provider's clock minus the local one, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct ClockDifference {
    least: i64,
    most: i64,
}

/// Whether the local clock agrees with the provider's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClockAgreement {
    /// A sample of the last ten minutes proves that the clocks agree.
    Agrees,
    /// The clocks differ, or the sample is too old or too coarse to decide.
    Unproven,
    /// No answer had a usable `Date`.
    Unknown,
}

impl ProviderClock {
    /// Creates a measurement without a sample.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(ClockState {
            clock,
            last: Mutex::new(None),
            skew_log: LogOnce::default(),
        }))
    }

    /// Measures an answer that has just arrived. An answer without a usable `Date` changes nothing. Logs
    /// a difference above [`CLOCK_LEEWAY`] once, until the clocks agree again.
    pub(crate) fn measure(&self, status: StatusCode, headers: &HeaderMap, sent: Instant) {
        let Some(date) = date(status, headers) else {
            return;
        };
        let sample = DateSample {
            date,
            sent,
            received: Instant::now(),
        };
        *self.lock() = Some(sample);
        let seconds = sample.from(self.0.clock.now()).seconds();
        if !exceeds_leeway(seconds) {
            self.0.skew_log.reset();
        } else if self.0.skew_log.is_first() {
            tracing::warn!(skew_seconds = seconds, "{}", describe(seconds));
        }
    }

    /// The provider's clock minus the local one in seconds, by the last sample.
    pub(crate) fn skew(&self) -> Option<i64> {
        let now = self.0.clock.now();
        let sample = *self.lock();
        sample.map(|sample| sample.from(now).seconds())
    }

    /// Whether the last sample proves that the local clock, at `now`, is right to within `leeway`.
    pub(crate) fn agreement(&self, now: Timestamp, leeway: Duration) -> ClockAgreement {
        match *self.lock() {
            None => ClockAgreement::Unknown,
            Some(sample) if sample.proves(now, leeway) => ClockAgreement::Agrees,
            Some(_) => ClockAgreement::Unproven,
        }
    }

    /// Like [`Self::agreement`], by a sample of the last two hours. Wrong after the machine was
    /// suspended, when both local clocks stop. So only a refusal may rely on it, never an admission.
    pub(crate) fn still_agrees(&self, now: Timestamp, leeway: Duration) -> bool {
        let sample = *self.lock();
        sample.is_some_and(|sample| sample.still_proves(now, leeway))
    }

    /// Sets the provider's clock to `moment`, as if an answer had just arrived.
    #[cfg(test)]
    pub(crate) fn show(&self, moment: Timestamp) {
        self.show_since(moment, Duration::ZERO);
    }

    /// Sets the provider's clock to `moment`, as if an answer had arrived this long `ago`.
    #[cfg(test)]
    pub(crate) fn show_since(&self, moment: Timestamp, ago: Duration) {
        let at = Instant::now().checked_sub(ago).unwrap();
        *self.lock() = Some(DateSample {
            date: moment,
            sent: at,
            received: at,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Option<DateSample>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DateSample {
    /// The difference to `now`. `Date` has whole seconds, and was written at any moment between request
    /// and arrival.
    fn from(self, now: Timestamp) -> ClockDifference {
        let (date, now) = (signed(self.date.millis()), signed(now.millis()));
        let least = date.saturating_add(elapsed(self.received));
        let most = date.saturating_add(elapsed(self.sent));
        ClockDifference {
            least: least.saturating_sub(now),
            most: most.saturating_add(SECOND).saturating_sub(now),
        }
    }

    fn proves(self, now: Timestamp, leeway: Duration) -> bool {
        self.received.elapsed() < FRESH && self.is_within(now, leeway, 0)
    }

    fn still_proves(self, now: Timestamp, leeway: Duration) -> bool {
        let drift = elapsed(self.sent) / DRIFT;
        self.received.elapsed() < LASTING && self.is_within(now, leeway, drift)
    }

    /// Whether both bounds of the difference are within the leeway.
    fn is_within(self, now: Timestamp, leeway: Duration, drift: i64) -> bool {
        let leeway = i64::try_from(leeway.as_millis()).unwrap_or(i64::MAX);
        let ClockDifference { least, most } = self.from(now);
        least.saturating_sub(drift) >= -leeway && most.saturating_add(drift) <= leeway
    }
}

impl ClockDifference {
    /// The middle of the bounds, in seconds.
    const fn seconds(self) -> i64 {
        self.least.midpoint(self.most) / SECOND
    }
}

/// The `Date` of the provider. `None` where it is missing, doubled or malformed, or where a cache or a
/// gateway sent the answer.
fn date(status: StatusCode, headers: &HeaderMap) -> Option<Timestamp> {
    let once = |name| {
        let mut values = headers.get_all(name).iter();
        let first = values.next()?;
        values.next().is_none().then(|| first.to_str().ok())?
    };
    let cached = headers.contains_key(header::AGE) && once(header::AGE) != Some("0");
    if cached || status.is_server_error() {
        return None;
    }
    let date = httpdate::parse_http_date(once(header::DATE)?).ok()?;
    let since_epoch = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_seconds(since_epoch.as_secs()))
}

/// Whether a difference in seconds exceeds the default leeway of token validation.
pub(super) fn exceeds_leeway(skew: i64) -> bool {
    skew.unsigned_abs() > CLOCK_LEEWAY.as_secs()
}

/// Describes a difference in seconds to the operator, in the log and in `/readyz`.
pub(crate) fn describe(skew: i64) -> String {
    let (seconds, direction) = match skew {
        ..0 => (skew.unsigned_abs(), "ahead of"),
        _ => (skew.unsigned_abs(), "behind"),
    };
    format!(
        "this machine's clock is {seconds} s {direction} the provider's, by the Date of its answers: \
         tokens may be refused as expired or not yet valid; check the time \
         synchronisation (NTP) of this machine"
    )
}

fn elapsed(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}

fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// The maximum age of a sample that proves agreement. A suspended machine stops both local clocks, which
/// only the next answer shows.
const FRESH: Duration = Duration::from_secs(600);
/// The maximum age of a sample for [`ProviderClock::still_agrees`]: two refresh intervals of metadata.
const LASTING: Duration = Duration::from_secs(2 * 3600);
/// The monotonic clock drifts by at most one part in a thousand: ten times the drift of oscillators.
const DRIFT: i64 = 1000;
const SECOND: i64 = 1000;

#[cfg(test)]
#[path = "provider_clock_tests.rs"]
mod tests;
