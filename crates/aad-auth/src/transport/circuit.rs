//! The circuit breaker of one downstream host. While it is open, calls fail without a wait.

use std::time::{Duration, Instant};

use http::StatusCode;

use super::{Response, TransportError, call_failure::CallFailure};

/// Failures in a row after which the circuit opens.
const FAILURES: usize = 5;
/// The maximum number of failures that one user contributes. A user's own request can make an API fail, such
/// as a slow query. One user must not block the API for others.
const FAILURES_OF_ONE_USER: usize = 3;
/// While the circuit is open, one call in this period may probe the host.
const PAUSE: Duration = Duration::from_secs(5);
/// The pause before the same user may probe again. Otherwise a user whose requests make the API fail would
/// keep the circuit open for others.
const TURN: Duration = Duration::from_secs(15);

/// The digest of a user's key. `None` for a call of the application itself.
pub(super) type UserDigest = Option<[u8; 32]>;

/// The verdict of a call about the host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum HostVerdict {
    /// The host answers, with any status below 500.
    Answered,
    /// The host fails. The request itself may be the cause.
    Failed,
    /// There was no connection, so that the request cannot be the cause.
    Unreachable,
}

/// The circuit of one host. Closed: calls pass. Open: one call in each [`PAUSE`] probes the host (half
/// open), the others are refused. The first answer closes the circuit. A probe that hangs or is cancelled
/// does not delay the next one.
pub(super) struct Circuit {
    state: State,
    /// The number of changes of `state`. A call from an earlier epoch has no effect.
    epoch: u64,
}

enum State {
    /// The users of the failures since the last answer.
    Closed(Vec<UserDigest>),
    Open {
        next_try: Instant,
        /// The user of the last probe, and the end of the pause for that user.
        tried: Option<([u8; 32], Instant)>,
    },
}

/// The permission for one call, with the epoch of the circuit.
#[derive(Clone, Copy, Debug)]
pub(super) struct CircuitPass {
    epoch: u64,
}

/// A change of the circuit, for the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CircuitChange {
    Opened,
    Closed,
}

impl Default for Circuit {
    fn default() -> Self {
        Self {
            state: State::Closed(Vec::new()),
            epoch: 0,
        }
    }
}

impl Circuit {
    /// Admits a call.
    ///
    /// # Errors
    /// The time to wait while the circuit is open.
    pub(super) fn admit(
        &mut self,
        user: UserDigest,
        now: Instant,
    ) -> Result<CircuitPass, Duration> {
        if let State::Open { next_try, tried } = &mut self.state {
            let own = tried.filter(|(digest, _)| user == Some(*digest));
            let at = own.map_or(*next_try, |(_, until)| until.max(*next_try));
            if now < at {
                return Err(at.saturating_duration_since(now));
            }
            *next_try = now + PAUSE;
            *tried = user.map(|digest| (digest, now + TURN));
        }
        Ok(CircuitPass { epoch: self.epoch })
    }

    /// Notes the verdict of a call.
    pub(super) fn note(
        &mut self,
        pass: CircuitPass,
        user: UserDigest,
        verdict: HostVerdict,
        now: Instant,
    ) -> Option<CircuitChange> {
        if pass.epoch != self.epoch {
            return None;
        }
        match (&mut self.state, verdict) {
            (State::Closed(failures), HostVerdict::Answered) => failures.clear(),
            (State::Closed(failures), _) => {
                // Without a connection, no user is the cause.
                let user = user.filter(|_| verdict == HostVerdict::Failed);
                let earlier = failures.iter().filter(|failed| **failed == user).count();
                if user.is_none() || earlier < FAILURES_OF_ONE_USER {
                    failures.push(user);
                }
                if failures.len() >= FAILURES {
                    let next_try = now + PAUSE;
                    let tried = None;
                    return self.change(State::Open { next_try, tried }, CircuitChange::Opened);
                }
            }
            (State::Open { .. }, HostVerdict::Answered) => {
                return self.change(State::Closed(Vec::new()), CircuitChange::Closed);
            }
            (State::Open { next_try, .. }, _) => *next_try = (now + PAUSE).max(*next_try),
        }
        None
    }

    /// Whether the circuit is open.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    fn change(&mut self, state: State, change: CircuitChange) -> Option<CircuitChange> {
        self.state = state;
        self.epoch = self.epoch.wrapping_add(1);
        Some(change)
    }
}

/// The verdict of an outcome about the host. `None` where the outcome concerns this process only. A 4xx answer
/// shows that the host works, also 429 with its `Retry-After`.
pub(super) fn verdict(outcome: &Result<Response, CallFailure>) -> Option<HostVerdict> {
    let failure = match outcome {
        Ok(response) if is_failure(response.status) => return Some(HostVerdict::Failed),
        Ok(_) => return Some(HostVerdict::Answered),
        Err(failure) => failure,
    };
    match failure.error {
        TransportError::Unreachable | TransportError::Tls if failure.nothing_sent => {
            Some(HostVerdict::Unreachable)
        }
        TransportError::Unreachable
        | TransportError::Tls
        | TransportError::Timeout
        | TransportError::Closed
        | TransportError::Broken => Some(HostVerdict::Failed),
        TransportError::TooLarge => Some(HostVerdict::Answered),
        _ => None,
    }
}

/// Whether the status is a failure of the host. 501 is an answer: the API has no such method.
fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

#[cfg(test)]
#[path = "circuit_tests.rs"]
mod tests;
