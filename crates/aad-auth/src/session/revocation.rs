//! Revocation by marks: of the sessions of a user, and of all sessions of an instance.

use std::time::Duration;

use super::{
    Session, Sessions,
    id::{instance_key, store_key},
    index::user_key_parts,
    limits::CLOCK_LEEWAY,
};
use crate::{
    clock::Timestamp,
    store::{Created, Key, Record, StoreError, Updated},
    validation::UserKey,
};

impl Sessions {
    /// Ends all sessions of this instance, and all sign-ins that began before this moment.
    ///
    /// It writes one mark, whatever the number of sessions. Every request of every instance reads the
    /// mark together with its session. The clocks of the instances must agree to within the duration
    /// of a sign-in.
    ///
    /// # Errors
    /// Those of the store. Sessions may still be live then.
    pub async fn end_all(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.clock_watch.look(now);
        let mark = self.put_mark(&self.void_key()?, now).await?;
        self.learn(Some(mark), now);
        self.watchers.end_began_until(now);
        Ok(())
    }

    /// Takes over the mark of all sessions, as read from the store.
    pub(super) fn learn(&self, mark: Option<Timestamp>, now: Timestamp) {
        if let Some(mark) = mark {
            self.void.learn(mark, now, &self.clock_watch);
        }
    }

    /// Writes the mark that revokes the sessions of a user that are being created now.
    pub(super) async fn revoke_user(&self, user: &UserKey) -> Result<(), StoreError> {
        let key = self.revocation_key(user)?;
        self.put_mark(&key, self.clock.now()).await.map(|_| ())
    }

    /// Whether a new session was revoked while its sign-in was under way.
    pub(super) async fn is_revoked(&self, session: &Session) -> Result<bool, StoreError> {
        let (of_user, of_all) = (self.revocation_key(&session.user().key)?, self.void_key()?);
        let (user, all) = self.store.get_two(&of_user, &of_all).await?;
        let now = self.clock.now();
        let user = self.corrected_mark(&of_user, user.as_ref(), now).await?;
        let all = self.corrected_mark(&of_all, all.as_ref(), now).await?;
        self.learn(all, now);
        let began = session.began();
        Ok(user.is_some_and(|at| self.covers(at, began, now)) || self.is_void(began, now))
    }

    /// Whether all sessions were ended after the sign-in began.
    pub(super) fn is_void(&self, began: Timestamp, now: Timestamp) -> bool {
        let at = self.void.at();
        at > Timestamp::default() && self.covers(at, began, now)
    }

    /// Whether a mark revokes a sign-in. A sign-in of the future began under a clock that was ahead. Its
    /// order to a corrected mark is unknown, so it counts as earlier than the mark.
    fn covers(&self, mark: Timestamp, began: Timestamp, now: Timestamp) -> bool {
        began <= mark || self.clock_watch.began_ahead(began, now)
    }

    /// Reads a mark, and corrects one that was written by a clock that was ahead: to the present plus
    /// the leeway. Otherwise it would revoke every new sign-in until its time has come.
    pub(super) async fn corrected_mark(
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
            tracing::warn!(%error, "a revocation mark of the future could not be corrected");
        }
        Ok(Some(at))
    }

    fn mark_life(&self) -> Duration {
        self.limits.max + LONGEST_SIGN_IN
    }

    /// Reads the mark of all sessions from the store.
    pub(super) async fn learn_void(&self, now: Timestamp) -> Result<(), StoreError> {
        let key = self.void_key()?;
        let record = self.store.get(&key).await?;
        let mark = self.corrected_mark(&key, record.as_ref(), now).await?;
        self.learn(mark, now);
        Ok(())
    }

    pub(super) fn void_key(&self) -> Result<Key, StoreError> {
        instance_key(self.keys.label(), "all")
    }

    fn revocation_key(&self, user: &UserKey) -> Result<Key, StoreError> {
        // A digest without a key: the same under every key generation.
        let parts = serde_json::to_vec(&user_key_parts(user)).unwrap_or_default();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &parts);
        store_key(self.keys.label(), "r", digest.as_ref())
    }

    /// Moves a mark forward, and backward only to correct one of the future. Returns the resulting mark.
    /// It lives as long as any session that it revokes.
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
            // As in `corrected_mark`: sessions that the mark of the future has ended stay ended.
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

/// The lifetime of a sign-in attempt (`sign_in::ATTEMPT_LIFETIME`), and an hour to complete it.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(2 * 3600);
/// How often a write is repeated after a conflict with another writer.
const ATTEMPTS: usize = 8;
