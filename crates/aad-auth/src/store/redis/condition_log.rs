//! Logs conditions of servers, at most once a minute each.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::condition::Condition;
use crate::config::RedisHost;

/// How long a lasting condition is not logged again.
const PAUSE: Duration = Duration::from_secs(60);
/// Most entries. Beyond it, all are forgotten.
const MAX_ENTRIES: usize = 1024;

/// When each condition of each server was last logged.
#[derive(Default)]
pub(super) struct ConditionLog(Mutex<HashMap<(RedisHost, Condition), Instant>>);

impl ConditionLog {
    /// Logs the condition of a server, at most once a minute.
    pub(super) fn log(&self, server: &RedisHost, condition: &Condition) {
        if self.is_due(server, condition, Instant::now()) {
            tracing::warn!(%server, "{}", condition.sentence());
        }
    }

    /// Logs that a server answers again. Its next condition is logged at once.
    pub(super) fn log_recovery(&self, server: &RedisHost) {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logged.retain(|(host, _), _| host != server);
        drop(logged);
        tracing::info!(%server, "the Redis server of AAD_SESSION_STORE answers again");
    }

    fn is_due(&self, server: &RedisHost, condition: &Condition, now: Instant) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let subject = (server.clone(), condition.clone());
        let recent = logged
            .get(&subject)
            .is_some_and(|at| now.saturating_duration_since(*at) < PAUSE);
        if recent {
            return false;
        }
        if logged.len() >= MAX_ENTRIES {
            logged.clear();
        }
        logged.insert(subject, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_lasts_is_logged_once_a_minute_and_another_at_once() {
        let (condition_log, now) = (ConditionLog::default(), Instant::now());
        let server = |port| RedisHost {
            host: "h".to_owned(),
            port,
        };
        assert!(condition_log.is_due(&server(1), &Condition::Full, now));
        assert!(!condition_log.is_due(&server(1), &Condition::Full, now));
        assert!(condition_log.is_due(&server(1), &Condition::Replica, now));
        assert!(condition_log.is_due(&server(2), &Condition::Full, now));
        assert!(condition_log.is_due(&server(1), &Condition::Full, now + PAUSE));
        condition_log.log_recovery(&server(1));
        assert!(condition_log.is_due(&server(1), &Condition::Full, now + PAUSE));
        assert!(!condition_log.is_due(&server(2), &Condition::Full, now));
    }
}
