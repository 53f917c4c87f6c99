//! What the log says about servers, without saying it at each request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::condition::Condition;
use crate::config::RedisHost;

/// How long a condition that lasts is not told again.
const PAUSE: Duration = Duration::from_secs(60);
/// More than a cluster has nodes with something the matter.
const MAX_NOTICES: usize = 1024;

/// When each condition of each server was told last.
#[derive(Default)]
pub(super) struct Notices(Mutex<HashMap<(RedisHost, Condition), Instant>>);

impl Notices {
    /// Tells what is the matter with a server, at most once a minute.
    pub(super) fn tell(&self, server: &RedisHost, condition: &Condition) {
        if self.is_due(server, condition, Instant::now()) {
            tracing::warn!(%server, "{}", condition.sentence());
        }
    }

    /// Tells that a server answers again. What happens to it next is news.
    pub(super) fn tell_recovery(&self, server: &RedisHost) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|(host, _), _| host != server);
        drop(told);
        tracing::info!(%server, "the Redis server of AAD_SESSION_STORE answers again");
    }

    fn is_due(&self, server: &RedisHost, condition: &Condition, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let subject = (server.clone(), condition.clone());
        let recent = told
            .get(&subject)
            .is_some_and(|at| now.saturating_duration_since(*at) < PAUSE);
        if recent {
            return false;
        }
        if told.len() >= MAX_NOTICES {
            told.clear();
        }
        told.insert(subject, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_lasts_is_told_once_a_minute_and_another_at_once() {
        let (notices, now) = (Notices::default(), Instant::now());
        let server = |port| RedisHost {
            host: "h".to_owned(),
            port,
        };
        assert!(notices.is_due(&server(1), &Condition::Full, now));
        assert!(!notices.is_due(&server(1), &Condition::Full, now));
        assert!(notices.is_due(&server(1), &Condition::Replica, now));
        assert!(notices.is_due(&server(2), &Condition::Full, now));
        assert!(notices.is_due(&server(1), &Condition::Full, now + PAUSE));
        notices.tell_recovery(&server(1));
        assert!(notices.is_due(&server(1), &Condition::Full, now + PAUSE));
        assert!(!notices.is_due(&server(2), &Condition::Full, now));
    }
}
