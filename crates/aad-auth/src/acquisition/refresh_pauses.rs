//! Back-off after failed refreshes, so that requests do not call a failing provider each time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::AcquireError;
use crate::{clock::Timestamp, session::SessionDigest};

/// Pauses after failed refreshes, by session.
#[derive(Default)]
pub(super) struct RefreshPauses(Mutex<HashMap<SessionDigest, Pause>>);

struct Pause {
    until: Timestamp,
    failures: u32,
    error: AcquireError,
}

impl RefreshPauses {
    /// The error of the last refresh, while its pause lasts. `None` when a refresh may be sent.
    pub(super) fn check(&self, session: &SessionDigest, now: Timestamp) -> Option<AcquireError> {
        let pauses = self.lock();
        let pause = pauses.get(session).filter(|pause| pause.until > now)?;
        Some(match &pause.error {
            AcquireError::Unavailable { .. } => AcquireError::Unavailable {
                retry_after: pause.until.since(now).max(FIRST),
            },
            error => error.clone(),
        })
    }

    /// The end of the pause. `None` without a pause; an end in the past is possible.
    pub(super) fn until(&self, session: &SessionDigest) -> Option<Timestamp> {
        self.lock().get(session).map(|pause| pause.until)
    }

    /// Notes the outcome of a refresh; `None` is success. The pause doubles with each failure, up to
    /// five minutes, or lasts as long as the provider's `Retry-After`. [`AcquireError::Busy`] changes
    /// nothing: the refresh was not sent.
    pub(super) fn note(
        &self,
        session: &SessionDigest,
        now: Timestamp,
        error: Option<&AcquireError>,
    ) {
        if error == Some(&AcquireError::Busy) {
            return;
        }
        let mut pauses = self.lock();
        let Some(error) = error else {
            pauses.remove(session);
            return;
        };
        if pauses.len() >= MAX_PAUSES {
            pauses.retain(|_, pause| pause.until > now);
        }
        let failures = pauses.get(session).map_or(0, |pause| pause.failures);
        if failures == 0 && pauses.len() >= MAX_PAUSES {
            return;
        }
        let own = (FIRST * 2_u32.saturating_pow(failures.min(16))).min(LONGEST);
        let asked = match error {
            AcquireError::Unavailable { retry_after } => *retry_after,
            _ => Duration::ZERO,
        };
        let pause = Pause {
            until: now + own.max(asked),
            failures: failures.saturating_add(1),
            error: error.clone(),
        };
        pauses.insert(*session, pause);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionDigest, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// Most sessions with a pause. Further sessions get none: their requests try again.
const MAX_PAUSES: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn session() -> SessionDigest {
        SessionId::new(&SystemRandom).digest()
    }

    fn pause_after(pauses: &RefreshPauses, session: &SessionDigest, error: &AcquireError) -> u64 {
        pauses.note(session, NOW, Some(error));
        pauses.until(session).unwrap().since(NOW).as_secs()
    }

    #[test]
    fn the_pause_doubles_up_to_its_bound_and_ends_with_a_success() {
        let (pauses, session) = (RefreshPauses::default(), session());
        let broken = AcquireError::Broken;
        let lengths: Vec<_> = (0..10)
            .map(|_| pause_after(&pauses, &session, &broken))
            .collect();
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(pauses.check(&session, NOW), Some(broken));
        assert_eq!(pauses.check(&session, NOW + LONGEST), None);
        pauses.note(&session, NOW, None);
        assert_eq!(pauses.check(&session, NOW), None);
        assert_eq!(pause_after(&pauses, &session, &AcquireError::Broken), 1);
    }

    #[test]
    fn a_longer_wait_that_the_provider_asks_for_is_kept() {
        let (pauses, session) = (RefreshPauses::default(), session());
        assert_eq!(
            pause_after(&pauses, &session, &AcquireError::unavailable(90)),
            90
        );
        let later = NOW + Duration::from_secs(60);
        assert_eq!(
            pauses.check(&session, later),
            Some(AcquireError::unavailable(30))
        );
    }

    #[test]
    fn w11_a_refresh_that_was_not_sent_makes_no_pause_and_ends_none() {
        let (pauses, session) = (RefreshPauses::default(), session());
        pauses.note(&session, NOW, Some(&AcquireError::Busy));
        assert_eq!(pauses.check(&session, NOW), None);
        pauses.note(&session, NOW, Some(&AcquireError::Broken));
        pauses.note(&session, NOW, Some(&AcquireError::Busy));
        assert_eq!(pauses.check(&session, NOW), Some(AcquireError::Broken));
        assert_eq!(pause_after(&pauses, &session, &AcquireError::Broken), 2);
    }

    #[test]
    fn pauses_are_bounded() {
        let pauses = RefreshPauses::default();
        for _ in 0..MAX_PAUSES + 10 {
            pauses.note(&session(), NOW, Some(&AcquireError::Broken));
        }
        assert_eq!(pauses.lock().len(), MAX_PAUSES);
    }
}
