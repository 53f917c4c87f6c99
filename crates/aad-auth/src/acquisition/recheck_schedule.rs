//! When each session is due for its recheck.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{clock::Timestamp, session::SessionDigest};

/// The time of the next recheck of each session, in memory. It serves stores with several writers,
/// where each request decodes a session of its own.
#[derive(Default)]
pub(super) struct RecheckSchedule(Mutex<HashMap<SessionDigest, Timestamp>>);

impl RecheckSchedule {
    /// The time of the session's next recheck, if it is later than `now`. `None`: the caller must
    /// recheck now; other callers get a time 60 s later meanwhile.
    pub(super) fn claim(&self, session: &SessionDigest, now: Timestamp) -> Option<Timestamp> {
        let mut planned = self.lock();
        if let Some(at) = planned.get(session).filter(|at| **at > now) {
            return Some(*at);
        }
        planned.insert(*session, now + CLAIM);
        None
    }

    /// Sets the time of the session's next recheck.
    pub(super) fn plan(&self, session: &SessionDigest, at: Timestamp, now: Timestamp) {
        let mut planned = self.lock();
        if planned.len() >= MAX_PLANNED {
            planned.retain(|_, at| *at > now);
        }
        if planned.len() < MAX_PLANNED {
            planned.insert(*session, at);
        } else {
            planned.remove(session);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionDigest, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long one caller has for a recheck before another may start it: longer than it takes.
pub(super) const CLAIM: Duration = Duration::from_secs(60);
/// Most sessions in the schedule. A further one is looked up in the vault at each request.
const MAX_PLANNED: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn one_request_has_to_ask_and_the_others_do_not() {
        let schedule = RecheckSchedule::default();
        let session = SessionId::new(&SystemRandom).digest();
        assert_eq!(schedule.claim(&session, NOW), None);
        assert_eq!(schedule.claim(&session, NOW), Some(NOW + CLAIM));
        let next = NOW + Duration::from_secs(3600);
        schedule.plan(&session, next, NOW);
        assert_eq!(schedule.claim(&session, NOW + CLAIM), Some(next));
        assert_eq!(schedule.claim(&session, next), None);
    }

    #[test]
    fn the_schedule_is_bounded() {
        let schedule = RecheckSchedule::default();
        for _ in 0..MAX_PLANNED + 10 {
            let session = SessionId::new(&SystemRandom).digest();
            schedule.plan(&session, NOW + CLAIM, NOW);
        }
        assert_eq!(schedule.lock().len(), MAX_PLANNED);
    }
}
