//! The circuit breaker: requests fail at once while the server does not respond.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row after which the circuit opens.
const FAILURES: u32 = 5;
/// How long the circuit stays open before one request may probe the server.
const PAUSE: Duration = Duration::from_millis(500);

/// Closed: all requests pass. Open: none passes. Half open, after the pause: one passes, and its outcome
/// decides.
pub(super) struct Breaker(Mutex<ServerCircuit>);

struct ServerCircuit {
    failures: u32,
    /// When the circuit opened. `None`: it is closed.
    opened_at: Option<Instant>,
    probing: bool,
}

/// The permit for one request. Dropping it (the caller was cancelled) decides nothing.
pub(super) struct BreakerPermit<'b> {
    breaker: &'b Breaker,
    probe: bool,
}

impl Breaker {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(ServerCircuit {
            failures: 0,
            opened_at: None,
            probing: false,
        }))
    }

    /// A permit. `None` while the circuit is open.
    pub(super) fn permit(&self, now: Instant) -> Option<BreakerPermit<'_>> {
        let mut circuit = self.lock();
        let probe = match circuit.opened_at {
            None => false,
            Some(at) if circuit.probing || now.saturating_duration_since(at) < PAUSE => {
                return None;
            }
            Some(_) => true,
        };
        circuit.probing |= probe;
        Some(BreakerPermit {
            breaker: self,
            probe,
        })
    }

    fn lock(&self) -> MutexGuard<'_, ServerCircuit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BreakerPermit<'_> {
    /// Notes that the server answered, also with an error.
    pub(super) fn succeed(self) {
        let mut circuit = self.breaker.lock();
        circuit.failures = 0;
        circuit.opened_at = None;
    }

    /// Notes that the server did not answer.
    pub(super) fn fail(self, now: Instant) {
        let mut circuit = self.breaker.lock();
        circuit.failures = circuit.failures.saturating_add(1);
        if self.probe || circuit.failures >= FAILURES {
            circuit.opened_at = Some(now);
        }
    }
}

impl Drop for BreakerPermit<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.lock().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let breaker = Breaker::new();
        for _ in 0..FAILURES {
            breaker.permit(now).unwrap().fail(now);
        }
        breaker
    }

    #[test]
    fn opens_after_failures_in_a_row_only() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        for _ in 0..3 {
            for _ in 1..FAILURES {
                breaker.permit(now).unwrap().fail(now);
            }
            breaker.permit(now).unwrap().succeed();
        }
        assert!(breaker.permit(now).is_some());
        assert!(opened(now).permit(now).is_none());
    }

    #[test]
    fn lets_one_probe_through_and_closes_on_its_success() {
        let now = Instant::now();
        let (breaker, later) = (opened(now), now + PAUSE);
        let probe = breaker.permit(later).unwrap();
        assert!(breaker.permit(later).is_none(), "a second probe");
        probe.succeed();
        assert!(breaker.permit(later).is_some());
    }

    #[test]
    fn stays_open_after_a_failed_probe() {
        let now = Instant::now();
        let (breaker, later) = (opened(now), now + PAUSE);
        breaker.permit(later).unwrap().fail(later);
        assert!(breaker.permit(later).is_none());
        assert!(breaker.permit(later + PAUSE).is_some());
    }

    #[test]
    fn a_probe_that_was_dropped_makes_room_for_another() {
        let now = Instant::now();
        let (breaker, later) = (opened(now), now + PAUSE);
        drop(breaker.permit(later));
        assert!(breaker.permit(later).is_some());
    }
}
