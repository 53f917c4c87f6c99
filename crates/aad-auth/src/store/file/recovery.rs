//! What the keeper does when the disk fails or is full, or when its file goes away.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{
    fault::{guarded, is_full},
    keeper::{Keeper, refuse},
    open,
    place::Place,
    queue::Work,
    shared::FileState,
};
use crate::store::StoreError;

/// How long to wait before a file that failed is opened again.
const REOPEN_AFTER: Duration = Duration::from_secs(1);
/// How often the keeper tries to take the reserve again.
const TAKE_EVERY: Duration = Duration::from_secs(1);
/// How long nothing may grow after a disk without room has failed a transaction: not each sign-in
/// shall make it fail again.
const NO_GROWTH_FOR: Duration = Duration::from_secs(5);

/// When the disk may be tried again.
#[derive(Default)]
pub(super) struct Patience {
    take_at: Option<Instant>,
    grow_at: Option<Instant>,
}

impl Keeper {
    /// Looks after reserve and file. To be called before each transaction, and when idle.
    pub(super) fn look_after(&mut self, place: &Place) {
        self.take_reserve();
        let growing = self.patience.grow_at.is_none_or(|at| at <= Instant::now());
        self.tell_disk_full(!growing || !self.reserve.is_whole());
        self.tell_replaced(!place.is_intact());
    }

    fn take_reserve(&mut self) {
        let now = Instant::now();
        if self.reserve.is_whole() || self.patience.take_at.is_some_and(|at| at > now) {
            return;
        }
        self.patience.take_at = Some(now + TAKE_EVERY);
        if let Err(error) = self.reserve.take()
            && !is_full(error.kind())
        {
            tracing::warn!(%error, "the disk reserve of the session store cannot be taken");
        }
    }

    fn tell_disk_full(&self, full: bool) {
        let before = self.shared.disk_full.swap(full, Ordering::Relaxed);
        if full && !before {
            tracing::error!("{}", super::shared::DISK_FULL);
        } else if before && !full {
            tracing::info!("the disk of the session store has room again");
        }
    }

    fn tell_replaced(&self, replaced: bool) {
        let before = self.shared.replaced.swap(replaced, Ordering::Relaxed);
        if replaced && !before {
            tracing::error!("{}", super::shared::REPLACED);
        } else if before && !replaced {
            tracing::info!("the file of the session store is in its place again");
        }
    }

    /// The file failed under way (a full disk, a disk that went away). redb uses no database after
    /// a failed write: reading goes on from the last good state, changes are refused with the
    /// reason, and the file is opened again until that works or the store is closed.
    pub(super) fn recover(&mut self, place: &Place, mut reason: StoreError) {
        tracing::error!(%reason, "the session store's file failed; reading goes on, and it is opened again");
        if reason == StoreError::Full {
            self.patience.grow_at = Some(Instant::now() + NO_GROWTH_FOR);
        }
        let frozen = guarded(|| open::freeze(place, &self.options));
        let next = match frozen {
            Ok(database) => FileState::Frozen(database, reason),
            Err(error) => {
                tracing::error!(%error, "the session store's file cannot be read either");
                FileState::Failed(reason)
            }
        };
        self.put(next);
        loop {
            if self.drain_for(REOPEN_AFTER, reason) {
                return;
            }
            self.tell_replaced(!place.is_intact());
            if self.shared.replaced.load(Ordering::Relaxed) {
                // A new file in its place would have none of the sessions.
                continue;
            }
            match self.open(place) {
                Ok(()) => return,
                Err(again) => reason = again,
            }
        }
    }

    /// Refuses what still waits. True when the store is to be closed.
    fn drain_for(&mut self, pause: Duration, reason: StoreError) -> bool {
        let until = Instant::now() + pause;
        loop {
            match self
                .outlet
                .next(until.saturating_duration_since(Instant::now()))
            {
                Work::Batch(batch) => refuse(batch, reason),
                Work::Idle => return false,
                Work::Close(closer) => {
                    self.outlet.put_back(closer);
                    return true;
                }
            }
        }
    }

    /// Puts the store into another state, and lets go of the database that it had.
    pub(super) fn put(&self, state: FileState) {
        let old = self.shared.replace(state);
        let dropped = guarded(|| {
            drop(old);
            Ok(())
        });
        if dropped.is_err() {
            tracing::error!("letting go of the session store's former database panicked");
        }
    }
}
