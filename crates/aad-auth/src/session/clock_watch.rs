//! Detects a clock that was set back, and decides whether stored times of the future may be corrected.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::limits::CLOCK_LEEWAY;
use crate::{
    clock::Timestamp,
    provider::{ClockAgreement, ProviderClock},
};

/// Compares the present with the newest time that the process has seen, on its own clock or in a
/// stored record.
///
/// A stored time of the future has two possible causes: the clock that wrote it was ahead, or this
/// clock is behind. Only in the first case may it be corrected. Otherwise a machine that starts in
/// 1970 would undo revocations and end sessions. The provider's clock decides: this clock must agree
/// with it to within [`CLOCK_LEEWAY`]. Then no correct mark looks like one of the future.
///
/// If the provider's answers have no usable `Date`, nothing is corrected. A mark of the future then
/// locks users out until its time has come. That is safer than undoing a revocation.
pub(super) struct ClockWatch {
    newest: AtomicU64,
    provider_clock: ProviderClock,
    set_back: Mutex<Option<SetBack>>,
}

#[derive(Clone, Copy)]
struct SetBack {
    noticed_at: Timestamp,
    by: Duration,
}

impl ClockWatch {
    pub(super) const fn new(provider_clock: ProviderClock) -> Self {
        Self {
            newest: AtomicU64::new(0),
            provider_clock,
            set_back: Mutex::new(None),
        }
    }

    /// Simulates an answer of the provider whose `Date` is `moment`.
    #[cfg(test)]
    pub(super) fn show(&self, moment: Timestamp) {
        self.provider_clock.show(moment);
    }

    /// As [`Self::show`], for an answer that came `ago`.
    #[cfg(test)]
    pub(super) fn show_since(&self, moment: Timestamp, ago: Duration) {
        self.provider_clock.show_since(moment, ago);
    }

    /// Notes a reading of the clock. Every reading must be passed to it.
    pub(super) fn look(&self, now: Timestamp) {
        let newest = Timestamp::from_millis(self.newest.load(Ordering::Relaxed));
        if now > newest + STEP {
            self.newest.store(now.millis(), Ordering::Relaxed);
        } else if newest > now + CLOCK_LEEWAY {
            self.newest.store(now.millis(), Ordering::Relaxed);
            self.notice(now, newest.since(now));
        }
    }

    /// Whether a recent answer of the provider confirms the clock to within the leeway.
    pub(super) fn is_confirmed(&self, now: Timestamp) -> bool {
        self.agreement(now) == ClockAgreement::Agrees
    }

    fn agreement(&self, now: Timestamp) -> ClockAgreement {
        self.provider_clock.agreement(now, CLOCK_LEEWAY)
    }

    /// Whether a stored time lies in the future because the clock that wrote it was ahead.
    pub(super) fn is_to_be_corrected(&self, stored: Timestamp, now: Timestamp) -> bool {
        self.is_ahead(stored, now) && self.is_confirmed(now)
    }

    /// Whether a sign-in began under a clock that was ahead, so that its session is refused. An older
    /// answer of the provider, of up to two hours, is enough here: an error ends a session, and never
    /// restores one.
    pub(super) fn began_ahead(&self, began: Timestamp, now: Timestamp) -> bool {
        self.is_ahead(began, now) && self.provider_clock.still_agrees(now, CLOCK_LEEWAY)
    }

    /// Whether a stored time lies in the future by more than the leeway. Notes it for the warning.
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

    /// The warning for the operator, for an hour after the last detection.
    pub(super) fn warning(&self, now: Timestamp) -> Option<String> {
        self.look(now);
        let set_back = *self.set_back.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = set_back.filter(|seen| seen.is_recent(now))?;
        let next = match self.agreement(now) {
            ClockAgreement::Agrees => CORRECTED,
            ClockAgreement::Unproven => UNPROVEN,
            ClockAgreement::Unknown => UNKNOWN,
        };
        Some(format!("{SET_BACK} ({} s); {next}", seen.by.as_secs()))
    }
}

impl SetBack {
    // Both directions: the clock may have been set back once more since.
    fn is_recent(self, now: Timestamp) -> bool {
        now.since(self.noticed_at) < TOLD_FOR && self.noticed_at.since(now) < TOLD_FOR
    }
}

const SET_BACK: &str = "this machine's clock was set back, or another clock was ahead when a session \
    was stored: check the time synchronisation of all machines";
const CORRECTED: &str = "stored times of the future are set to the present when they are read";
const UNPROVEN: &str = "stored times of the future stay as they are until an answer of the provider \
    shows that this machine's clock is right to within 60 s";
const UNKNOWN: &str = "stored times of the future stay as they are until they have come: no answer of \
    the provider has had a usable Date header, which would show which clock is right";
/// The newest time is written at most this often, because every request reads it.
const STEP: Duration = Duration::from_secs(1);
const TOLD_FOR: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn watch() -> ClockWatch {
        ClockWatch::new(ProviderClock::new(Arc::new(ManualClock::at(NOW))))
    }

    #[test]
    fn a_clock_that_was_set_back_is_named_for_an_hour() {
        let watch = watch();
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
        let watch = watch();
        for seconds in [0, 100, 41, 90, 1_000_000, 999_941] {
            let now = NOW + Duration::from_secs(seconds);
            assert!(watch.warning(now).is_none(), "{seconds}");
            assert!(!watch.is_ahead(now + CLOCK_LEEWAY, now));
        }
    }

    #[test]
    fn w51_a_sign_in_proves_nothing_about_the_clock_and_a_date_within_a_minute_does() {
        let watch = watch();
        let ahead = NOW + CLOCK_LEEWAY * 2;
        assert!(!watch.is_confirmed(NOW));
        assert!(!watch.is_to_be_corrected(ahead, NOW));
        watch.provider_clock.show(NOW);
        for (now, confirmed) in [
            (NOW, true),
            (NOW - CLOCK_LEEWAY / 2, true),
            (NOW + CLOCK_LEEWAY / 2, true),
            (NOW - Duration::from_secs(61), false),
            (NOW - CLOCK_LEEWAY * 3, false),
            (NOW + CLOCK_LEEWAY * 3, false),
            (NOW + TOLD_FOR, false),
            (Timestamp::from_seconds(1), false),
        ] {
            assert_eq!(watch.is_confirmed(now), confirmed, "{now}");
            let ahead = now + CLOCK_LEEWAY * 2;
            assert_eq!(watch.is_to_be_corrected(ahead, now), confirmed, "{now}");
        }
    }

    #[test]
    fn the_warning_says_what_becomes_of_the_stored_times() {
        let watch = watch();
        let ahead = NOW + CLOCK_LEEWAY * 2;
        assert!(watch.is_ahead(ahead, NOW));
        assert!(watch.warning(NOW).unwrap().contains("Date header"));
        watch.provider_clock.show(ahead);
        assert!(watch.warning(NOW).unwrap().contains("to within 60 s"));
        watch.provider_clock.show(NOW);
        assert!(watch.warning(NOW).unwrap().contains("set to the present"));
    }
}
