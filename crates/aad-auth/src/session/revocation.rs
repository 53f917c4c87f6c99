//! Marks that void sessions: those of a user, and all of an instance.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{
    Session, Sessions,
    clock_watch::ClockWatch,
    id::{instance_key, store_key},
    index::parts,
    limits::CLOCK_LEEWAY,
};
use crate::{
    clock::Timestamp,
    store::{Created, Key, Record, StoreError, Updated},
    validation::UserKey,
};

/// Sessions whose sign-in began at this moment or before are void. What this process knows of the
/// mark in the store; it moves on, and back only from the future.
#[derive(Default)]
pub(super) struct VoidMark(AtomicU64);

impl VoidMark {
    fn learn(&self, mark: Timestamp, now: Timestamp, watch: &ClockWatch) {
        let latest = now + CLOCK_LEEWAY;
        let set = |held: u64| {
            // One of the future was set right in the store, by us or by another process. By a clock
            // that is behind any mark is of the future, and an older answer of the store would take
            // it back.
            let of_the_future = held > latest.millis() && mark <= latest;
            let corrected = of_the_future && watch.provider_agrees(now);
            let set = if corrected { 0 } else { held }.max(mark.millis());
            (set != held).then_some(set)
        };
        let _unchanged = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, set);
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Acquire))
    }
}

impl Sessions {
    /// Ends every session of this instance, also those that are just being created: whoever began
    /// to sign in before this moment has to do so again.
    ///
    /// A mark, not an enumeration: it takes one write, whatever the number of sessions, and every
    /// request of every instance reads the mark together with its session. Moments are compared
    /// between the clocks of instances, which must agree to within the time of a sign-in.
    pub async fn end_all(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.clock_watch.look(now);
        let mark = self.put_mark(&self.void_key()?, now).await?;
        self.learn(Some(mark), now);
        self.watchers.end_began_until(now);
        Ok(())
    }

    /// Takes over what the store says of the end of all sessions.
    pub(super) fn learn(&self, mark: Option<Timestamp>, now: Timestamp) {
        if let Some(mark) = mark {
            self.void.learn(mark, now, &self.clock_watch);
        }
    }

    /// Marks that the sessions of a user have ended, for those that are just being created.
    pub(super) async fn revoke_user(&self, user: &UserKey) -> Result<(), StoreError> {
        let key = self.revocation_key(user)?;
        self.put_mark(&key, self.clock.now()).await.map(|_| ())
    }

    /// Whether a new session was voided while its sign-in was under way.
    pub(super) async fn is_revoked(&self, session: &Session) -> Result<bool, StoreError> {
        let (of_user, of_all) = (self.revocation_key(&session.user().key)?, self.void_key()?);
        let (user, all) = self.store.get_two(&of_user, &of_all).await?;
        let now = self.clock.now();
        let user = self.heed(&of_user, user.as_ref(), now).await?;
        let all = self.heed(&of_all, all.as_ref(), now).await?;
        self.learn(all, now);
        let began = session.began();
        Ok(user.is_some_and(|at| self.covers(at, began, now)) || self.is_void(began, now))
    }

    /// Whether all sessions were ended after the sign-in began.
    pub(super) fn is_void(&self, began: Timestamp, now: Timestamp) -> bool {
        let at = self.void.at();
        at > Timestamp::default() && self.covers(at, began, now)
    }

    /// A sign-in of the future began under a clock that was ahead. Whether a mark came after it
    /// is not known any more once the mark was set right: so it counts as earlier.
    fn covers(&self, mark: Timestamp, began: Timestamp, now: Timestamp) -> bool {
        began <= mark || self.clock_watch.began_ahead(began, now)
    }

    /// What a mark in the store says. One that was written by a clock that was ahead is set to the
    /// present and the leeway: otherwise it would void every new sign-in until its moment has come.
    pub(super) async fn heed(
        &self,
        key: &Key,
        record: Option<&Record>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(record) = record else {
            return Ok(None);
        };
        let at = moment(record)?;
        if !self.clock_watch.is_to_be_corrected(at, now) {
            return Ok(Some(at));
        }
        let at = now + CLOCK_LEEWAY;
        let value = at.millis().to_be_bytes();
        let life = self.mark_life();
        if let Err(error) = self.store.update(key, record.version, &value, life).await {
            tracing::warn!(%error, "a revocation mark of the future could not be set right");
        }
        Ok(Some(at))
    }

    fn mark_life(&self) -> Duration {
        self.limits.max + LONGEST_SIGN_IN
    }

    /// Reads the mark of all.
    pub(super) async fn learn_void(&self, now: Timestamp) -> Result<(), StoreError> {
        let key = self.void_key()?;
        let record = self.store.get(&key).await?;
        let mark = self.heed(&key, record.as_ref(), now).await?;
        self.learn(mark, now);
        Ok(())
    }

    pub(super) fn void_key(&self) -> Result<Key, StoreError> {
        instance_key(self.keys.label(), "all")
    }

    fn revocation_key(&self, user: &UserKey) -> Result<Key, StoreError> {
        // A plain digest, the same under every key generation.
        let parts = serde_json::to_vec(&parts(user)).unwrap_or_default();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &parts);
        store_key(self.keys.label(), "r", digest.as_ref())
    }

    /// Moves a mark on, and back only from the future; tells where it stands. It lives as long as
    /// anything that it voids.
    async fn put_mark(&self, key: &Key, at: Timestamp) -> Result<Timestamp, StoreError> {
        let life = self.mark_life();
        for _ in 0..ATTEMPTS {
            let Some(record) = self.store.get(key).await? else {
                let value = at.millis().to_be_bytes();
                match self.store.create(key, &value, life).await? {
                    Created::Written(_) => return Ok(at),
                    Created::Exists => continue,
                }
            };
            let held = moment(&record)?;
            let corrected = self.clock_watch.is_to_be_corrected(held, at);
            if held >= at && !corrected {
                return Ok(held);
            }
            // As in `heed`: what the mark of the future has ended stays ended.
            let next = if corrected { at + CLOCK_LEEWAY } else { at };
            let value = next.millis().to_be_bytes();
            let updated = self.store.update(key, record.version, &value, life).await?;
            if matches!(updated, Updated::Written(_)) {
                return Ok(next);
            }
        }
        Err(StoreError::Unavailable)
    }
}

fn moment(record: &Record) -> Result<Timestamp, StoreError> {
    let at = <[u8; 8]>::try_from(&*record.value).map_err(|_| StoreError::Corrupt)?;
    Ok(Timestamp::from_millis(u64::from_be_bytes(at)))
}

/// How long an attempt stays valid (`flow::LIFE`), and some time to complete it.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(2 * 3600);
/// Concurrent writers that one writer outwaits.
const ATTEMPTS: usize = 8;
