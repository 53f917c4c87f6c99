//! What the provider's clock shows, by the `Date` of its answers.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::{HeaderMap, StatusCode, header};

use crate::clock::{Clock, Timestamp};

/// Compares the provider's clock with ours. Metadata, keys and the token endpoint are all measured
/// here. Cheap to clone.
///
/// `iat` of a token cannot serve: providers backdate it, and the check of it has a leeway of up to
/// five minutes. The moment of an answer is bounded by its request and its arrival, and goes on from
/// there by the monotonic clock, so that a wall clock that is set meanwhile is noticed at once.
#[derive(Clone)]
pub struct ProviderClock(Arc<ProviderInner>);

struct ProviderInner {
    clock: Arc<dyn Clock>,
    last: Mutex<Option<Reading>>,
    warned: AtomicBool,
}

/// One answer's `Date`, and between which moments it was written.
#[derive(Clone, Copy, Debug)]
struct Reading {
    date: Timestamp,
    sent: Instant,
    received: Instant,
}

/// The provider's clock minus ours in milliseconds: it lies between the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Difference {
    least: i64,
    most: i64,
}

/// What the last reading says of our clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Agreement {
    /// The provider has shown in the last ten minutes that the clocks agree.
    Agrees,
    /// The clocks differ, or the reading is too old or too coarse to tell.
    Unproven,
    /// No answer has had a usable `Date`.
    Unknown,
}

impl ProviderClock {
    /// Nothing is known yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(ProviderInner {
            clock,
            last: Mutex::new(None),
            warned: AtomicBool::new(false),
        }))
    }

    /// Notes the `Date` of an answer that has just arrived. An answer without a usable one changes
    /// nothing. Warns once when the difference has become larger than tokens bear.
    pub(crate) fn measure(&self, status: StatusCode, headers: &HeaderMap, sent: Instant) {
        let Some(date) = date(status, headers) else {
            return;
        };
        let reading = Reading {
            date,
            sent,
            received: Instant::now(),
        };
        *self.lock() = Some(reading);
        let seconds = reading.from(self.0.clock.now()).seconds();
        let beyond = seconds.saturating_abs() > MAX_SKEW;
        if beyond && !self.0.warned.swap(beyond, Relaxed) {
            tracing::warn!(skew_seconds = seconds, "{}", describe(seconds));
        } else {
            self.0.warned.store(beyond, Relaxed);
        }
    }

    /// The provider's clock minus ours in seconds, as far as the last reading tells.
    pub(crate) fn skew(&self) -> Option<i64> {
        let now = self.0.clock.now();
        let reading = *self.lock();
        reading.map(|reading| reading.from(now).seconds())
    }

    /// Whether the provider shows that our clock, which reads `now`, is right to within `leeway`.
    pub(crate) fn agreement(&self, now: Timestamp, leeway: Duration) -> Agreement {
        match *self.lock() {
            None => Agreement::Unknown,
            Some(reading) if reading.proves(now, leeway) => Agreement::Agrees,
            Some(_) => Agreement::Unproven,
        }
    }

    /// The same by a reading of the last two hours, carried on by the monotonic clock. A machine
    /// that was suspended, both clocks alike, may be told so in error: only what refuses may rely on
    /// it, and nothing that lets in.
    pub(crate) fn still_agrees(&self, now: Timestamp, leeway: Duration) -> bool {
        let reading = *self.lock();
        reading.is_some_and(|reading| reading.still_proves(now, leeway))
    }

    /// Shows `moment`, as if an answer had just arrived.
    #[cfg(test)]
    pub(crate) fn show(&self, moment: Timestamp) {
        self.show_since(moment, Duration::ZERO);
    }

    /// Shows `moment`, as if an answer had arrived so long ago.
    #[cfg(test)]
    pub(crate) fn show_since(&self, moment: Timestamp, ago: Duration) {
        let at = Instant::now().checked_sub(ago).unwrap();
        *self.lock() = Some(Reading {
            date: moment,
            sent: at,
            received: at,
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// `Date` has whole seconds, and was written at any moment between request and arrival.
    fn from(self, now: Timestamp) -> Difference {
        let (date, now) = (signed(self.date.millis()), signed(now.millis()));
        let least = date.saturating_add(elapsed(self.received));
        let most = date.saturating_add(elapsed(self.sent));
        Difference {
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

    /// Whether the difference is within the leeway by all that it may be.
    fn is_within(self, now: Timestamp, leeway: Duration, drift: i64) -> bool {
        let leeway = i64::try_from(leeway.as_millis()).unwrap_or(i64::MAX);
        let Difference { least, most } = self.from(now);
        least.saturating_sub(drift) >= -leeway && most.saturating_add(drift) <= leeway
    }
}

impl Difference {
    /// The middle.
    const fn seconds(self) -> i64 {
        self.least.midpoint(self.most) / SECOND
    }
}

/// `None` where the `Date` says nothing of the provider's clock now: not there, twice, malformed, of
/// a cached answer, or of a gateway that answers for the provider.
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

/// What an operator reads of a difference, in log and `/readyz`.
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

/// Seconds by which the clocks may differ before it is reported; the default leeway.
pub(crate) const MAX_SKEW: i64 = 60;
/// How long a reading proves anything. A machine that is suspended stops both clocks, which only the
/// next answer shows.
const FRESH: Duration = Duration::from_secs(600);
/// How long it may count against a time of the future: twice as long as metadata is kept.
const LASTING: Duration = Duration::from_secs(2 * 3600);
/// The monotonic clock is wrong by at most one part in so many: ten times what oscillators drift.
const DRIFT: i64 = 1000;
const SECOND: i64 = 1000;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::clock::ManualClock;

    /// `Fri, 15 Jan 2027 08:00:00 GMT`
    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
    const LEEWAY: Duration = Duration::from_secs(60);

    fn clock() -> ProviderClock {
        ProviderClock::new(Arc::new(ManualClock::at(NOW)))
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn w50_an_answer_without_a_usable_date_proves_nothing() {
        for (status, lines) in [
            (200, &[][..]),
            (200, &[("date", "")]),
            (200, &[("date", "yesterday")]),
            (200, &[("date", "1800000000")]),
            (200, &[("date", "2027-01-15T08:00:00Z")]),
            (200, &[("date", "Fri, 15 Jan 2027 25:00:00 GMT")]),
            (200, &[("date", "Thu, 01 Jan 1950 00:00:00 GMT")]),
            (200, &[("date", DATE), ("date", DATE)]),
            // From a cache, or a gateway that stands before the provider.
            (200, &[("date", DATE), ("age", "3600")]),
            (200, &[("date", DATE), ("age", "")]),
            (200, &[("date", DATE), ("age", "0"), ("age", "0")]),
            (502, &[("date", DATE)]),
            (503, &[("date", DATE)]),
        ] {
            let clock = clock();
            let status = StatusCode::from_u16(status).unwrap();
            clock.measure(status, &headers(lines), Instant::now());
            let said = clock.agreement(NOW, LEEWAY);
            assert_eq!(said, Agreement::Unknown, "{status} {lines:?}");
            assert_eq!(clock.skew(), None, "{status} {lines:?}");
        }
        for (status, lines) in [
            (200, &[("date", DATE)][..]),
            (400, &[("date", DATE)]),
            (200, &[("date", DATE), ("age", "0")]),
        ] {
            let clock = clock();
            let status = StatusCode::from_u16(status).unwrap();
            clock.measure(status, &headers(lines), Instant::now());
            let said = clock.agreement(NOW, LEEWAY);
            assert_eq!(said, Agreement::Agrees, "{status} {lines:?}");
        }
    }

    #[test]
    fn w50_only_a_clock_within_the_leeway_is_relied_on() {
        for (offset, agrees) in [
            (-7200, false),
            (-600, false),
            (-180, false),
            (-61, false),
            (-30, true),
            (0, true),
            (30, true),
            (61, false),
            (180, false),
            (600, false),
            (7200, false),
        ] {
            let clock = clock();
            clock.show(NOW);
            let millis = NOW.millis().saturating_add_signed(offset * 1000);
            let said = clock.agreement(Timestamp::from_millis(millis), LEEWAY);
            assert_eq!(said == Agreement::Agrees, agrees, "{offset}: {said:?}");
        }
        let clock = clock();
        clock.show(NOW);
        for ours in [Timestamp::default(), Timestamp::from_millis(u64::MAX)] {
            assert_eq!(clock.agreement(ours, LEEWAY), Agreement::Unproven);
        }
    }

    #[test]
    fn w50_the_time_that_the_answer_took_counts_against_the_clock() {
        let received = Instant::now();
        let reading = |took: u64| Reading {
            date: NOW,
            sent: received.checked_sub(Duration::from_secs(took)).unwrap(),
            received,
        };
        assert!(reading(5).proves(NOW, LEEWAY));
        // It may have been written at the beginning, and be a minute old.
        assert!(!reading(61).proves(NOW, LEEWAY));
        assert!(!reading(5).proves(NOW - Duration::from_secs(55), LEEWAY));
        assert!(reading(0).proves(NOW - Duration::from_secs(55), LEEWAY));
    }

    #[test]
    fn w50_an_old_reading_proves_nothing_and_a_clock_that_is_set_meanwhile_is_noticed() {
        let ago = |seconds| {
            let at = Instant::now().checked_sub(Duration::from_secs(seconds));
            Reading {
                date: NOW,
                sent: at.unwrap(),
                received: at.unwrap(),
            }
        };
        let after = |seconds| NOW + Duration::from_secs(seconds);
        assert!(ago(300).proves(after(300), LEEWAY));
        assert!(!ago(601).proves(after(601), LEEWAY));
        // Five minutes have passed, and the wall clock was set back by three of them.
        assert!(!ago(300).proves(after(120), LEEWAY));
        assert!(!ago(300).proves(after(480), LEEWAY));
    }

    #[test]
    fn w56_an_older_reading_still_shows_the_clock_right_and_less_exactly() {
        let after = |seconds| NOW + Duration::from_secs(seconds);
        for (ago, now, agrees) in [
            (0, after(0), true),
            (601, after(601), true),
            (3600, after(3600), true),
            (7100, after(7100), true),
            (7201, after(7201), false),
            // 7 s of drift in two hours, at most.
            (7100, after(7100 + 45), true),
            (7100, after(7100 + 57), false),
            (7100, after(7100 - 45), true),
            (7100, after(7100 - 55), false),
            // The wall clock was set meanwhile, or the machine was suspended and its clock went on.
            (3600, after(3600 - 180), false),
            (3600, after(3600 + 180), false),
            (3600, after(0), false),
            (3600, after(7200), false),
            (3600, Timestamp::default(), false),
            (3600, Timestamp::from_millis(u64::MAX), false),
        ] {
            let clock = clock();
            assert!(!clock.still_agrees(now, LEEWAY), "nothing is known");
            clock.show_since(NOW, Duration::from_secs(ago));
            assert_eq!(clock.still_agrees(now, LEEWAY), agrees, "{ago} s, {now}");
            // What lets in or takes back goes by a fresh one only.
            let fresh = clock.agreement(now, LEEWAY) == Agreement::Agrees;
            assert_eq!(fresh, agrees && ago < 600, "{ago} s, {now}");
        }
    }

    #[test]
    fn r50_a_difference_is_told_in_seconds_and_direction() {
        assert!(describe(600).contains("is 600 s behind the provider's"));
        assert!(describe(-90).contains("is 90 s ahead of the provider's"));
        let shown = |theirs| {
            let clock = clock();
            clock.show(theirs);
            clock.skew()
        };
        let (behind, ahead) = (
            NOW + Duration::from_secs(600),
            NOW - Duration::from_secs(600),
        );
        assert!(matches!(shown(behind), Some(600..=610)));
        assert!(matches!(shown(ahead), Some(-600..=-590)));
    }
}
