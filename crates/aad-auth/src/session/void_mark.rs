//! The mark that revokes all sessions, as this process knows it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{clock_watch::ClockWatch, limits::CLOCK_LEEWAY};
use crate::clock::Timestamp;

/// Sessions whose sign-in began at this moment or before are revoked. A copy of the mark in the store.
/// It moves forward, and backward only to correct a mark of the future.
#[derive(Default)]
pub(super) struct VoidMark(AtomicU64);

impl VoidMark {
    /// Takes over a mark from the store.
    pub(super) fn learn(&self, mark: Timestamp, now: Timestamp, watch: &ClockWatch) {
        let latest = now + CLOCK_LEEWAY;
        let set = |held: u64| {
            // The store has a corrected mark: this or another process replaced one of the future. Only
            // a verified clock may follow: to a clock that is behind, every mark is of the future, and
            // an older answer of the store would undo the revocation.
            let of_the_future = held > latest.millis() && mark <= latest;
            let corrected = of_the_future && watch.is_confirmed(now);
            let set = if corrected { 0 } else { held }.max(mark.millis());
            (set != held).then_some(set)
        };
        let _unchanged = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, set);
    }

    /// The mark; the epoch without one.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Acquire))
    }
}
