//! Notices a clock that was set back, and knows when the clock can be relied on.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::limits::CLOCK_LEEWAY;
use crate::clock::Timestamp;

/// Compares the present with the newest time that the process has seen, on its own clock or in a
/// record that it or another instance wrote.
///
/// A stored time of the future has two causes: the clock that wrote it was ahead, or ours is behind.
/// Only in the first case may it be corrected, or a machine that starts in 1970 would take back
/// revocations and end sessions. A completed sign-in tells them apart: the provider's fresh token
/// passed the check of its `iat`, so at that moment our clock was not behind.
#[derive(Default)]
pub(super) struct ClockWatch {
    newest: AtomicU64,
    /// When a sign-in was completed last; 0: never in this process.
    vouched: AtomicU64,
    set_back: Mutex<Option<SetBack>>,
}

#[derive(Clone, Copy)]
struct SetBack {
    noticed_at: Timestamp,
    by: Duration,
}

impl ClockWatch {
    /// To be called with each reading of the clock.
    pub(super) fn look(&self, now: Timestamp) {
        let newest = Timestamp::from_millis(self.newest.load(Ordering::Relaxed));
        if now > newest + STEP {
            self.newest.store(now.millis(), Ordering::Relaxed);
        } else if newest > now + CLOCK_LEEWAY {
            self.newest.store(now.millis(), Ordering::Relaxed);
            self.notice(now, newest.since(now));
        }
    }

    /// Notes that the provider's token was fresh by our clock.
    pub(super) fn vouch(&self, now: Timestamp) {
        self.vouched.store(now.millis(), Ordering::Relaxed);
    }

    /// Whether the clock is known not to be behind: a sign-in was completed in this process, and
    /// the clock has not been set back since.
    pub(super) fn is_vouched(&self, now: Timestamp) -> bool {
        let vouched = self.vouched.load(Ordering::Relaxed);
        vouched > 0 && vouched <= (now + CLOCK_LEEWAY).millis()
    }

    /// Whether a stored time lies in the future because the clock that wrote it was ahead.
    pub(super) fn is_to_be_corrected(&self, stored: Timestamp, now: Timestamp) -> bool {
        self.is_ahead(stored, now) && self.is_vouched(now)
    }

    /// Whether a stored time lies in the future, beyond what clocks may differ. Notes it.
    pub(super) fn is_ahead(&self, stored: Timestamp, now: Timestamp) -> bool {
        let ahead = stored > now + CLOCK_LEEWAY;
        if ahead {
            self.notice(now, stored.since(now));
        }
        ahead
    }

    fn notice(&self, now: Timestamp, by: Duration) {
        let mut set_back = self.set_back.lock().unwrap_or_else(PoisonError::into_inner);
        if set_back.is_none_or(|seen| !seen.is_recent(now)) {
            tracing::error!(seconds = by.as_secs(), "{SET_BACK}");
        }
        let by = set_back
            .filter(|seen| seen.is_recent(now))
            .map_or(by, |seen| seen.by.max(by));
        *set_back = Some(SetBack {
            noticed_at: now,
            by,
        });
    }

    /// What an operator should know, for an hour after it was noticed.
    pub(super) fn warning(&self, now: Timestamp) -> Option<String> {
        self.look(now);
        let set_back = *self.set_back.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = set_back.filter(|seen| seen.is_recent(now))?;
        Some(format!("{SET_BACK} ({} s)", seen.by.as_secs()))
    }
}

impl SetBack {
    /// Also when the clock was set back once more.
    fn is_recent(self, now: Timestamp) -> bool {
        now.since(self.noticed_at) < TOLD_FOR && self.noticed_at.since(now) < TOLD_FOR
    }
}

const SET_BACK: &str = "this machine's clock was set back, or another clock was ahead when a session \
    was stored; times of the future are taken for the present: check the time synchronisation of \
    all machines";
/// The newest time is written at most this often: every request reads it.
const STEP: Duration = Duration::from_secs(1);
const TOLD_FOR: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_clock_that_was_set_back_is_named_for_an_hour() {
        let watch = ClockWatch::default();
        watch.look(NOW + Duration::from_secs(7200));
        assert!(watch.warning(NOW + Duration::from_secs(7200)).is_none());
        let said = watch.warning(NOW).unwrap();
        assert!(said.contains("(7200 s)"), "{said}");
        assert!(watch.warning(NOW + TOLD_FOR / 2).is_some());
        assert!(watch.warning(NOW + TOLD_FOR).is_none());
        assert!(watch.warning(NOW + TOLD_FOR * 3).is_none());
    }

    #[test]
    fn small_corrections_and_time_that_passes_are_not_named() {
        let watch = ClockWatch::default();
        for seconds in [0, 100, 41, 90, 1_000_000, 999_941] {
            let now = NOW + Duration::from_secs(seconds);
            assert!(watch.warning(now).is_none(), "{seconds}");
            assert!(!watch.is_ahead(now + CLOCK_LEEWAY, now));
        }
    }

    #[test]
    fn a_clock_is_relied_on_from_a_sign_in_until_it_is_set_back() {
        let watch = ClockWatch::default();
        assert!(!watch.is_vouched(NOW));
        watch.vouch(NOW);
        for (now, vouched) in [
            (NOW, true),
            (NOW + TOLD_FOR, true),
            (NOW - CLOCK_LEEWAY, true),
            (NOW - CLOCK_LEEWAY * 2, false),
            (Timestamp::from_seconds(1), false),
        ] {
            assert_eq!(watch.is_vouched(now), vouched, "{now}");
            let ahead = now + CLOCK_LEEWAY * 2;
            assert_eq!(watch.is_to_be_corrected(ahead, now), vouched, "{now}");
        }
    }

    #[test]
    fn a_stored_time_of_the_future_is_named() {
        let watch = ClockWatch::default();
        assert!(watch.is_ahead(NOW + CLOCK_LEEWAY * 2, NOW));
        assert!(watch.warning(NOW).is_some());
    }
}
