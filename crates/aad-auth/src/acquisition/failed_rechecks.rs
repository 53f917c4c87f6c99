//! Counts rechecks that fail in a row although the provider answers; the third ends the session.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{clock::Timestamp, session::SessionDigest};

/// Failures in a row by session, in memory. Outages of provider or store do not count.
#[derive(Default)]
pub(super) struct FailedRechecks(Mutex<HashMap<SessionDigest, Failed>>);

struct Failed {
    in_a_row: u8,
    last: Timestamp,
}

impl FailedRechecks {
    /// Counts a failure, and tells whether the session must end: this was the third in a row, or there
    /// is no room to count it. Failures within `spacing` of each other count as one. The answer stays
    /// `true` until [`Self::forget`].
    pub(super) fn exceeds_limit(
        &self,
        session: &SessionDigest,
        now: Timestamp,
        spacing: Duration,
    ) -> bool {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= MAX_COUNTED && !failed.contains_key(session) {
            failed.retain(|_, failed| now.since(failed.last) < LONGEST);
            if failed.len() >= MAX_COUNTED {
                return true;
            }
        }
        let Some(counted) = failed.get_mut(session) else {
            let first = Failed {
                in_a_row: 1,
                last: now,
            };
            failed.insert(*session, first);
            return false;
        };
        if counted.in_a_row < MAX_IN_A_ROW && now.since(counted.last) >= spacing {
            counted.in_a_row += 1;
            counted.last = now;
        }
        counted.in_a_row >= MAX_IN_A_ROW
    }

    /// Forgets a session that was rechecked or has ended.
    pub(super) fn forget(&self, session: &SessionDigest) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.remove(session);
    }
}

/// The number of failures in a row that ends a session.
pub(super) const MAX_IN_A_ROW: u8 = 3;
/// Most sessions that are counted.
const MAX_COUNTED: usize = 65_536;
/// Longer than the largest `AAD_RECHECK`: a session without a recheck for this long is not active.
const LONGEST: Duration = Duration::from_secs(48 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn session() -> SessionDigest {
        SessionId::new(&SystemRandom).digest()
    }

    const SPACING: Duration = Duration::from_secs(450);

    /// Whether the failure `minutes` after the start exceeds the limit.
    fn fails(failed: &FailedRechecks, session: &SessionDigest, minutes: u64) -> bool {
        let at = NOW + Duration::from_secs(minutes * 60);
        failed.exceeds_limit(session, at, SPACING)
    }

    #[test]
    fn r72_the_third_failure_in_a_row_exceeds_limit() {
        let (failed, one, other) = (FailedRechecks::default(), session(), session());
        for _ in 0..5 {
            assert!(!fails(&failed, &one, 0) && !fails(&failed, &one, 10));
            failed.forget(&one);
        }
        assert!(!fails(&failed, &one, 0) && !fails(&failed, &one, 10));
        assert!(!fails(&failed, &other, 20));
        assert!(fails(&failed, &one, 20));
        // The store may have refused to end it.
        assert!(fails(&failed, &one, 20));
        failed.forget(&one);
        assert!(!fails(&failed, &one, 20));
    }

    #[test]
    fn r72_failures_within_one_mishap_count_as_one() {
        let (failed, one) = (FailedRechecks::default(), session());
        for minutes in [0, 0, 1, 2, 7, 8, 9, 15] {
            assert!(!fails(&failed, &one, minutes), "{minutes}");
        }
        assert!(fails(&failed, &one, 16));
    }

    #[test]
    fn r72_what_cannot_be_counted_exceeds_limit_and_old_failures_make_room() {
        let failed = FailedRechecks::default();
        for _ in 0..MAX_COUNTED {
            assert!(!fails(&failed, &session(), 0));
        }
        assert!(fails(&failed, &session(), 0));
        assert!(!failed.exceeds_limit(&session(), NOW + LONGEST, SPACING));
        assert_eq!(failed.0.lock().unwrap().len(), 1);
    }
}
