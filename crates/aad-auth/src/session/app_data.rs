//! Application data: what the application keeps for a signed-in session or for a visitor.
//!
//! A signed-in session has at most one record. Its key is the session's digest, so the record ends
//! with the session, and no cookie decides whose data a request reads.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{Session, SessionId, Sessions, id::SessionDigest};
use crate::{
    seal::SealPurpose,
    store::{Created, Key, StoreError, Updated},
};

/// Largest application data of one session or visitor, in bytes.
pub const MAX_APP_DATA: usize = 64 * 1024;
/// The owner of application data.
#[derive(Clone)]
pub(crate) enum DataOwner {
    /// A signed-in session.
    Session(Arc<Session>),
    /// A browser without a session, identified by the random id in its cookie.
    Visitor(SessionId),
}

/// What a write does if the owner has no data.
#[derive(Clone, Copy, Eq, PartialEq)]
enum IfAbsent {
    Create,
    Skip,
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
    /// The owner's data. `None` if there is none, or if its key was removed.
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

    /// Creates or replaces the owner's data. Data of a session that ends meanwhile is deleted.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] beyond [`MAX_APP_DATA`]; those of the store.
    pub(crate) async fn put_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.write_app_data(owner, data, ttl, IfAbsent::Create)
            .await
    }

    /// Replaces the owner's data. Writes nothing if there is none, so that a request that is in flight
    /// during a sign-out does not restore the data.
    ///
    /// # Errors
    /// As [`Self::put_app_data`].
    pub(crate) async fn replace_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.write_app_data(owner, data, ttl, IfAbsent::Skip).await
    }

    async fn write_app_data(
        &self,
        owner: &DataOwner,
        data: &[u8],
        ttl: Duration,
        if_absent: IfAbsent,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_app_data(owner, data)?;
        let (key, life) = (self.app_data_key(owner)?, self.app_data_life(owner, ttl));
        for _ in 0..ATTEMPTS {
            let Some(record) = self.store.get(&key).await? else {
                if if_absent == IfAbsent::Skip {
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

    /// Sets the life of a visitor's data. A session's data has the life of its record.
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

    /// Deletes the owner's data.
    pub(crate) async fn end_app_data(&self, owner: &DataOwner) -> Result<(), StoreError> {
        self.store.delete(&self.app_data_key(owner)?).await?;
        Ok(())
    }

    /// Copies data to the new session of the same user. The old session keeps its data for requests
    /// that are under way.
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

    /// Gives a session's data the life of its record.
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

    /// Counts new data for its user, then deletes it if the session has ended: an end that ran before
    /// the write has not deleted it.
    async fn app_data_created(&self, owner: &DataOwner, life: Duration) -> Result<(), StoreError> {
        let DataOwner::Session(session) = owner else {
            return Ok(());
        };
        let record = self.record_key(&session.digest)?;
        let (counted, alive) =
            futures_util::join!(self.count_app_data(session, life), self.store.get(&record));
        if alive?.is_none() || counted.is_err() {
            // Data that is not counted is not bounded.
            self.end_app_data(owner).await?;
        }
        counted
    }
}

/// How often a write is repeated after a conflict with another writer.
const ATTEMPTS: usize = 8;
/// The kinds in keys, from which `store/capacity_share.rs` derives the share.
pub(super) const SESSION_DATA: &str = "a";
const VISITOR_DATA: &str = "n";
