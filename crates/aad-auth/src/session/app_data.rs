//! Application data: what the application keeps for a signed-in session or for a visitor.
//!
//! A signed-in session has at most one record. Its key is the session's digest, so the record ends
//! with the session, and no cookie decides whose data a request reads.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use zeroize::Zeroizing;

use super::{
    Session, SessionId, Sessions,
    id::{SessionDigest, store_key},
    index::{IndexBy, member_name},
};
use crate::{
    seal::SealPurpose,
    store::{Created, Key, Member, StoreError, Updated},
};

/// Largest application data of one session or visitor, in bytes.
pub const MAX_APP_DATA: usize = 64 * 1024;
/// Sessions of one user that may hold application data. Beyond it the data that was created first
/// ends.
pub const MAX_APP_DATA_PER_USER: usize = 32;

/// Whose application data is meant.
#[derive(Clone)]
pub(crate) enum DataOwner {
    /// A signed-in session.
    Session(Arc<Session>),
    /// A browser without a session, by the random id in its cookie.
    Visitor(SessionId),
}

/// What a write does where there are no data.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Missing {
    Create,
    Leave,
}

impl DataOwner {
    fn id(&self) -> &SessionId {
        match self {
            Self::Session(session) => session.id(),
            Self::Visitor(id) => id,
        }
    }
}

impl Sessions {
    /// The owner's data. `None` when there is none, or when it was sealed under a key that is gone.
    pub(crate) async fn app_data(
        &self,
        owner: &DataOwner,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let Some(record) = self.store.get(&self.app_data_key(owner)?).await? else {
            return Ok(None);
        };
        let sealer = self
            .keys
            .sealer(SealPurpose::AppData, owner.id().as_bytes());
        let opened = sealer.open(self.keys.label().as_bytes(), &record.value);
        Ok(opened.ok().map(|opened| Zeroizing::new(opened.plaintext)))
    }

    /// Creates the owner's data, or replaces what is there. Data of a session that ends meanwhile
    /// end with it.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] beyond [`MAX_APP_DATA`]; what the store answers.
    pub(crate) async fn put_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.write_app_data(owner, data, ttl, Missing::Create).await
    }

    /// Replaces the owner's data. Without any nothing is written: a request that is in flight
    /// during a sign-out must not bring the data back.
    ///
    /// # Errors
    /// As [`Self::put_app_data`].
    pub(crate) async fn replace_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.write_app_data(owner, data, ttl, Missing::Leave).await
    }

    async fn write_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
        missing: Missing,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_app_data(owner, data)?;
        let (key, life) = (self.app_data_key(owner)?, self.app_data_life(owner, ttl));
        for _ in 0..ATTEMPTS {
            let Some(record) = self.store.get(&key).await? else {
                if missing == Missing::Leave {
                    return Ok(());
                }
                match self.store.create(&key, &sealed, life).await? {
                    Created::Written(_) => return self.app_data_created(owner, life).await,
                    Created::Exists => continue,
                }
            };
            let updated = self.store.update(&key, record.version, &sealed, life);
            if matches!(updated.await?, Updated::Written(_)) {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Sets how long a visitor's data live. A session's data live as long as its record.
    pub(crate) async fn extend_app_data(
        &self,
        owner: &DataOwner,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        if matches!(owner, DataOwner::Visitor(_)) {
            self.store.touch(&self.app_data_key(owner)?, ttl).await?;
        }
        Ok(())
    }

    /// Ends the owner's data.
    pub(crate) async fn end_app_data(&self, owner: &DataOwner) -> Result<(), StoreError> {
        self.store.delete(&self.app_data_key(owner)?).await?;
        Ok(())
    }

    /// A new session of the same user takes over the data of the one that it replaces. The old
    /// session keeps its own for the requests that are under way.
    pub(super) async fn hand_over_app_data(
        &self,
        old: &Arc<Session>,
        new: &Arc<Session>,
    ) -> Result<(), StoreError> {
        match self.app_data(&DataOwner::Session(Arc::clone(old))).await? {
            Some(data) => {
                let owner = DataOwner::Session(Arc::clone(new));
                self.put_app_data(&owner, &data, Duration::MAX).await
            }
            None => Ok(()),
        }
    }

    /// Keeps a session's data for as long as its record.
    pub(super) async fn keep_app_data_for(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<(), StoreError> {
        let key = self.session_data_key(&session.digest)?;
        self.store.touch(&key, life).await?;
        Ok(())
    }

    /// The key of a session's data.
    pub(super) fn session_data_key(&self, digest: &SessionDigest) -> Result<Key, StoreError> {
        digest.key(self.keys.label(), SESSION_DATA)
    }

    fn app_data_key(&self, owner: &DataOwner) -> Result<Key, StoreError> {
        match owner {
            DataOwner::Session(session) => self.session_data_key(&session.digest),
            DataOwner::Visitor(id) => id.digest().key(self.keys.label(), VISITOR_DATA),
        }
    }

    fn app_data_life(&self, owner: &DataOwner, ttl: Duration) -> Duration {
        match owner {
            DataOwner::Session(session) => self.life(session, self.clock.now()),
            DataOwner::Visitor(_) => ttl,
        }
    }

    fn seal_app_data(&self, owner: &DataOwner, data: &[u8]) -> Result<Vec<u8>, StoreError> {
        if data.len() > MAX_APP_DATA {
            return Err(StoreError::TooLarge);
        }
        let sealer = self
            .keys
            .sealer(SealPurpose::AppData, owner.id().as_bytes());
        Ok(sealer.seal(&*self.random, self.keys.label().as_bytes(), data))
    }

    /// Counts new data for its user, then looks whether the session still lives: an end that came
    /// before the data were written has not seen them.
    async fn app_data_created(&self, owner: &DataOwner, life: Duration) -> Result<(), StoreError> {
        let DataOwner::Session(session) = owner else {
            return Ok(());
        };
        let record = self.record_key(&session.digest)?;
        let (counted, alive) =
            futures_util::join!(self.count_app_data(session, life), self.store.get(&record));
        if alive?.is_none() || counted.is_err() {
            // Data that are not counted would not be bounded.
            self.end_app_data(owner).await?;
        }
        counted
    }

    async fn count_app_data(&self, session: &Session, life: Duration) -> Result<(), StoreError> {
        let set = self.app_data_set(session)?;
        let name = member_name(session.digest.as_bytes());
        let now = self.clock.now().millis().to_be_bytes();
        self.store.index_put(&set, &name, &now, life).await?;
        let members = self.store.index_list(&set).await?;
        if members.len() > MAX_APP_DATA_PER_USER {
            self.end_excess_app_data(&set, members).await?;
        }
        Ok(())
    }

    /// Forgets members whose data are gone; then ends the data that were created first.
    async fn end_excess_app_data(&self, set: &Key, members: Vec<Member>) -> Result<(), StoreError> {
        let digests = members
            .iter()
            .map(|member| SessionDigest::from_text(&member.name).ok_or(StoreError::Corrupt));
        let digests: Vec<_> = digests.collect::<Result<_, _>>()?;
        let keys = digests.iter().map(|digest| self.session_data_key(digest));
        let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
        let lives = self.store.alive(&keys).await?;
        let all = members.into_iter().zip(keys).zip(lives);
        let (mut live, gone): (Vec<_>, Vec<_>) = all.partition(|(_, alive)| *alive);
        live.sort_by(|((a, _), _), ((b, _), _)| b.value.cmp(&a.value));
        let ended = live.split_off(live.len().min(MAX_APP_DATA_PER_USER));
        try_join_all(ended.iter().map(|((_, key), _)| self.store.delete(key))).await?;
        let removed = ended.iter().chain(&gone);
        let removals = removed.map(|((member, _), _)| self.store.index_remove(set, &member.name));
        try_join_all(removals).await?;
        Ok(())
    }

    fn app_data_set(&self, session: &Session) -> Result<Key, StoreError> {
        let name = IndexBy::User(&session.user().key).digest_under(self.keys.current());
        store_key(self.keys.label(), SESSION_DATA, &name)
    }
}

/// Concurrent writers that one writer outwaits.
const ATTEMPTS: usize = 8;
/// The kinds of keys: see `store`'s shares.
const SESSION_DATA: &str = "a";
const VISITOR_DATA: &str = "n";
