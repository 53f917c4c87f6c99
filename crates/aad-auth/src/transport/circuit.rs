//! The circuit breaker of one downstream host: an API that fails is left alone for a while, and
//! pages that need it are answered at once.

use std::time::{Duration, Instant};

use http::StatusCode;

use super::{Response, TransportError, client::CallFailure};

/// Failures in a row after which the circuit opens.
const FAILURES: usize = 5;
/// How many of them may come from one user. A request can be what makes an API fail (a query that
/// takes too long, say), and one user must not take the API from the others.
const FAILURES_OF_ONE_USER: usize = 3;
/// While the circuit is open, one call in this time may try.
const PAUSE: Duration = Duration::from_secs(5);
/// A user who has tried may not try again for this time: a user whose requests make the API fail
/// must not keep the circuit open for the others.
const TURN: Duration = Duration::from_secs(15);

/// The digest of a user's key; `None` for calls in the application's own name.
pub(super) type UserDigest = Option<[u8; 32]>;

/// What a call says of the host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// The host answers, whatever it says.
    Answered,
    /// It does not, or with a failure of its own; the request itself may be the reason.
    Failed,
    /// No connection came about, so the request cannot be the reason.
    Unreachable,
}

/// The circuit of one host. Closed: calls pass. Open: none does, but for one in [`PAUSE`] that
/// tries (half open); it closes with the first one that is answered. A try that hangs, or that its
/// caller has given up, does not delay the next one.
pub(super) struct Circuit {
    state: State,
    /// Counts the changes of `state`: a call that began in an earlier state says nothing of this one.
    epoch: u64,
}

enum State {
    /// The users of the failures since the last answer.
    Closed(Vec<UserDigest>),
    Open {
        next_try: Instant,
        /// The user who was the last to try, and until when that user may not try again.
        tried: Option<([u8; 32], Instant)>,
    },
}

/// Leave to call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    epoch: u64,
}

/// A change that is worth a line in the log.
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
    /// Leave to call, or how long to wait while the circuit is open.
    pub(super) fn admit(&mut self, user: UserDigest, now: Instant) -> Result<Pass, Duration> {
        if let State::Open { next_try, tried } = &mut self.state {
            let own = tried.filter(|(digest, _)| user == Some(*digest));
            let at = own.map_or(*next_try, |(_, until)| until.max(*next_try));
            if now < at {
                return Err(at.saturating_duration_since(now));
            }
            *next_try = now + PAUSE;
            *tried = user.map(|digest| (digest, now + TURN));
        }
        Ok(Pass { epoch: self.epoch })
    }

    /// Notes what has become of a call.
    pub(super) fn note(
        &mut self,
        pass: Pass,
        user: UserDigest,
        fate: Fate,
        now: Instant,
    ) -> Option<CircuitChange> {
        if pass.epoch != self.epoch {
            return None;
        }
        match (&mut self.state, fate) {
            (State::Closed(failures), Fate::Answered) => failures.clear(),
            (State::Closed(failures), _) => {
                // No request is the reason where no connection came about.
                let user = user.filter(|_| fate == Fate::Failed);
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
            (State::Open { .. }, Fate::Answered) => {
                return self.change(State::Closed(Vec::new()), CircuitChange::Closed);
            }
            (State::Open { next_try, .. }, _) => *next_try = (now + PAUSE).max(*next_try),
        }
        None
    }

    /// Whether calls are refused.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    fn change(&mut self, state: State, change: CircuitChange) -> Option<CircuitChange> {
        self.state = state;
        self.epoch = self.epoch.wrapping_add(1);
        Some(change)
    }
}

/// What an outcome says of the host; `None` where it is about this process only. An answer with
/// 4xx is one, also 429: that host works, and says itself when to ask again.
pub(super) fn fate(outcome: &Result<Response, CallFailure>) -> Option<Fate> {
    let failure = match outcome {
        Ok(response) if is_failure(response.status) => return Some(Fate::Failed),
        Ok(_) => return Some(Fate::Answered),
        Err(failure) => failure,
    };
    match failure.error {
        TransportError::Unreachable | TransportError::Tls if failure.nothing_sent => {
            Some(Fate::Unreachable)
        }
        TransportError::Unreachable
        | TransportError::Tls
        | TransportError::Timeout
        | TransportError::Closed
        | TransportError::Broken => Some(Fate::Failed),
        TransportError::TooLarge => Some(Fate::Answered),
        _ => None,
    }
}

/// 501 says that the API has no such method: an answer.
fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

#[cfg(test)]
#[path = "circuit_tests.rs"]
mod tests;
