//! Failed loads, and the pause before the next attempt.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::LoadError;
use crate::clock::Timestamp;

/// The failures since the last successful load, and the time of the next attempt.
#[derive(Debug, Default)]
pub(crate) struct LoadHealth(Mutex<Failures>);

#[derive(Clone, Debug, Default)]
struct Failures {
    in_a_row: u32,
    last: Option<LoadError>,
    next_attempt: Timestamp,
}

/// The longest pause after a failure. Requests in it fail without an attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

impl LoadHealth {
    pub(crate) fn succeeded(&self) {
        *self.lock() = Failures::default();
    }

    pub(crate) fn failed(&self, error: LoadError, now: Timestamp) {
        let mut failures = self.lock();
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        let doubled = Duration::from_secs(1 << failures.in_a_row.min(3).saturating_sub(1));
        failures.next_attempt = now + doubled.min(LONGEST_PAUSE);
        failures.last = Some(error);
    }

    /// The time until the next attempt. `None` where an attempt may start now.
    pub(crate) fn pause(&self, now: Timestamp) -> Option<Duration> {
        let pause = self.lock().next_attempt.since(now);
        (!pause.is_zero() && pause <= LONGEST_PAUSE).then_some(pause)
    }

    pub(crate) fn failures_in_a_row(&self) -> u32 {
        self.lock().in_a_row
    }

    pub(crate) fn last_error(&self) -> Option<LoadError> {
        self.lock().last.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
