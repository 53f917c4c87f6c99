//! Marks that void sessions: those of a user, and all of an instance.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{
    Session, Sessions,
    id::{instance_key, store_key},
    index::parts,
};
use crate::{
    clock::Timestamp,
    store::{Created, Key, Record, StoreError, Updated},
    validation::UserKey,
};

/// Sessions whose sign-in began at this moment or before are void. What this process knows of the
/// mark in the store; it only ever moves on.
#[derive(Default)]
pub(super) struct VoidMark(AtomicU64);

impl VoidMark {
    pub(super) fn learn(&self, record: Option<&Record>) -> Result<(), StoreError> {
        if let Some(record) = record {
            self.set(moment(record)?);
        }
        Ok(())
    }

    pub(super) fn covers(&self, began: Timestamp) -> bool {
        began.millis() <= self.0.load(Ordering::Acquire)
    }

    fn set(&self, at: Timestamp) {
        self.0.fetch_max(at.millis(), Ordering::AcqRel);
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
        self.put_mark(&self.void_key()?, now).await?;
        self.void.set(now);
        self.watchers.end_began_until(now);
        Ok(())
    }

    /// Marks that the sessions of a user have ended, for those that are just being created.
    pub(super) async fn revoke_user(&self, user: &UserKey) -> Result<(), StoreError> {
        let key = self.revocation_key(user)?;
        self.put_mark(&key, self.clock.now()).await
    }

    /// Whether a new session was voided while its sign-in was under way.
    pub(super) async fn is_revoked(&self, session: &Session) -> Result<bool, StoreError> {
        let (of_user, of_all) = (self.revocation_key(&session.user().key)?, self.void_key()?);
        let (user, all) = self.store.get_two(&of_user, &of_all).await?;
        self.void.learn(all.as_ref())?;
        let user = user.as_ref().map(moment).transpose()?;
        let began = session.began();
        Ok(user.is_some_and(|at| at >= began) || self.void.covers(began))
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

    /// Moves a mark on, never back. It lives as long as anything that it voids.
    async fn put_mark(&self, key: &Key, at: Timestamp) -> Result<(), StoreError> {
        let value = at.millis().to_be_bytes();
        let life = self.limits.max + LONGEST_SIGN_IN;
        for _ in 0..ATTEMPTS {
            let Some(record) = self.store.get(key).await? else {
                match self.store.create(key, &value, life).await? {
                    Created::Written(_) => return Ok(()),
                    Created::Exists => continue,
                }
            };
            if moment(&record)? >= at {
                return Ok(());
            }
            let updated = self.store.update(key, record.version, &value, life).await?;
            if matches!(updated, Updated::Written(_)) {
                return Ok(());
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
