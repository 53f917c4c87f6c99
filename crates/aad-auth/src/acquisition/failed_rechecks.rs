//! Rechecks that fail although the provider answers: how many a session may have in a row.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{clock::Timestamp, session::SessionDigest};

/// Sessions whose last recheck failed without an outage.
#[derive(Default)]
pub(super) struct FailedRechecks(Mutex<HashMap<SessionDigest, Failed>>);

struct Failed {
    in_a_row: u8,
    last: Timestamp,
}

impl FailedRechecks {
    /// Counts a failure. `true` when the session must end: it was one too many, or there is no room
    /// to count it.
    pub(super) fn is_one_too_many(&self, session: &SessionDigest, now: Timestamp) -> bool {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= MAX_COUNTED && !failed.contains_key(session) {
            failed.retain(|_, failed| now.since(failed.last) < LONGEST);
            if failed.len() >= MAX_COUNTED {
                return true;
            }
        }
        let counted = failed.entry(*session).or_insert(Failed {
            in_a_row: 0,
            last: now,
        });
        counted.in_a_row += 1;
        counted.last = now;
        let too_many = counted.in_a_row >= MAX_IN_A_ROW;
        if too_many {
            failed.remove(session);
        }
        too_many
    }

    /// The session was rechecked, or has ended.
    pub(super) fn forget(&self, session: &SessionDigest) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.remove(session);
    }
}

/// The failure that ends a session.
pub(super) const MAX_IN_A_ROW: u8 = 3;
/// Each has a session whose rechecks the provider answers, and refuses.
const MAX_COUNTED: usize = 65_536;
/// Longer than any `AAD_RECHECK`: a session that was not rechecked since is not active.
const LONGEST: Duration = Duration::from_secs(48 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn session() -> SessionDigest {
        SessionId::new(&SystemRandom).digest()
    }

    #[test]
    fn r72_the_third_failure_in_a_row_is_one_too_many() {
        let (failed, one, other) = (FailedRechecks::default(), session(), session());
        for _ in 0..5 {
            assert!(!failed.is_one_too_many(&one, NOW));
            assert!(!failed.is_one_too_many(&one, NOW));
            failed.forget(&one);
        }
        assert!(!failed.is_one_too_many(&one, NOW));
        assert!(!failed.is_one_too_many(&one, NOW));
        assert!(!failed.is_one_too_many(&other, NOW));
        assert!(failed.is_one_too_many(&one, NOW));
    }

    #[test]
    fn r72_what_cannot_be_counted_is_one_too_many_and_old_failures_make_room() {
        let failed = FailedRechecks::default();
        for _ in 0..MAX_COUNTED {
            assert!(!failed.is_one_too_many(&session(), NOW));
        }
        assert!(failed.is_one_too_many(&session(), NOW));
        assert!(!failed.is_one_too_many(&session(), NOW + LONGEST));
        assert_eq!(failed.0.lock().unwrap().len(), 1);
    }
}
