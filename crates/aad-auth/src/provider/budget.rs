//! Limits how often an unknown key id causes a fetch of the key set.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use crate::clock::Timestamp;

/// The source of a token. Each source has its own budget of fetches, so that a flood of forged tokens
/// cannot delay a sign-in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenSource {
    /// Any client: bearer and logout tokens. One fetch a minute.
    Caller,
    /// The token endpoint, over TLS. One fetch in five seconds.
    Redeemed,
}

impl TokenSource {
    /// The shortest time between two fetches.
    pub const fn interval(self) -> Duration {
        match self {
            Self::Caller => Duration::from_secs(60),
            Self::Redeemed => Duration::from_secs(5),
        }
    }
}

/// When the next fetch may start, for each source.
#[derive(Debug, Default)]
pub(crate) struct FetchBudgets {
    caller: Timestamp,
    redeemed: Timestamp,
}

impl FetchBudgets {
    /// Takes the one fetch of the present interval.
    ///
    /// # Errors
    /// The time until the next interval, when this fetch is taken already.
    pub(crate) fn take(&mut self, source: TokenSource, now: Timestamp) -> Result<(), Duration> {
        let wait = self.wait(source, now);
        if !wait.is_zero() {
            return Err(wait);
        }
        match source {
            TokenSource::Caller => self.caller = now + source.interval(),
            TokenSource::Redeemed => self.redeemed = now + source.interval(),
        }
        Ok(())
    }

    /// The time until the next fetch may start; zero when it may start now.
    pub(crate) fn wait(&self, source: TokenSource, now: Timestamp) -> Duration {
        let next = match source {
            TokenSource::Caller => self.caller,
            TokenSource::Redeemed => self.redeemed,
        };
        let wait = next.since(now);
        // A clock that was set back must not block fetches for long.
        if wait <= source.interval() {
            wait
        } else {
            Duration::ZERO
        }
    }
}

/// Key ids that a fetch did not bring. A repeated forged token must not use up the fetch of every
/// minute, which a genuine token with a new key needs.
#[derive(Debug, Default)]
pub(crate) struct UnknownKeys {
    kids: HashSet<Box<str>>,
    order: VecDeque<(Timestamp, Box<str>)>,
}

const REMEMBER: Duration = Duration::from_secs(120);
const MAX_UNKNOWN: usize = 512;

impl UnknownKeys {
    pub(crate) fn contains(&mut self, kid: &str, now: Timestamp) -> bool {
        while let Some((until, _)) = self.order.front()
            && *until <= now
        {
            self.forget_oldest();
        }
        self.kids.contains(kid)
    }

    pub(crate) fn insert(&mut self, kid: &str, now: Timestamp) {
        if self.order.len() >= MAX_UNKNOWN {
            self.forget_oldest();
        }
        if self.kids.insert(kid.into()) {
            self.order.push_back((now + REMEMBER, kid.into()));
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, kid)) = self.order.pop_front() {
            self.kids.remove(&kid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1000);

    #[test]
    fn the_budgets_do_not_touch_each_other() {
        let mut budgets = FetchBudgets::default();
        assert!(budgets.take(TokenSource::Caller, START).is_ok());
        assert_eq!(
            budgets.take(TokenSource::Caller, START + Duration::from_secs(1)),
            Err(Duration::from_secs(59))
        );
        assert!(budgets.take(TokenSource::Redeemed, START).is_ok());
        assert!(budgets.take(TokenSource::Redeemed, START).is_err());
        let later = START + Duration::from_secs(5);
        assert!(budgets.take(TokenSource::Redeemed, later).is_ok());
        assert!(
            budgets
                .take(TokenSource::Caller, START + Duration::from_secs(60))
                .is_ok()
        );
    }

    #[test]
    fn a_clock_set_back_does_not_close_the_budget() {
        let mut budgets = FetchBudgets::default();
        assert!(
            budgets
                .take(TokenSource::Caller, Timestamp::from_seconds(1_000_000))
                .is_ok()
        );
        assert!(budgets.take(TokenSource::Caller, START).is_ok());
    }

    #[test]
    fn unknown_keys_are_forgotten_and_bounded() {
        let mut unknown = UnknownKeys::default();
        unknown.insert("first", START);
        assert!(unknown.contains("first", START));
        assert!(!unknown.contains("first", START + REMEMBER));
        for at in 0..10 * MAX_UNKNOWN {
            unknown.insert(&at.to_string(), START);
        }
        assert_eq!(unknown.kids.len(), MAX_UNKNOWN);
        assert_eq!(unknown.order.len(), MAX_UNKNOWN);
    }
}
