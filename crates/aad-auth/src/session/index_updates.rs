//! Writes, lists and removes index entries: by user, and by session at the provider.

use std::time::Duration;

use super::{
    Session, SessionEntry, Sessions,
    id::SessionDigest,
    index::{IndexBy, member_name},
};
use crate::{
    clock::Timestamp,
    seal::SealPurpose,
    store::{Key, Member, StoreError},
    validation::UserKey,
};

impl Sessions {
    /// Ends the oldest sessions of a user beyond the limit (`AAD_MAX_SESSIONS_PER_USER`).
    pub(super) async fn enforce_limit(&self, newest: &Session) -> Result<(), StoreError> {
        let Some(limit) = self.limits.per_user else {
            return Ok(());
        };
        let mut entries = self.list(&newest.user().key).await?;
        entries.retain(|entry| entry.digest != *newest.digest.as_bytes());
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.first_seen));
        for entry in entries.iter().skip(limit.saturating_sub(1)) {
            self.end_by_digest(&SessionDigest::new(entry.digest))
                .await?;
            for set in (IndexBy::User(&newest.user().key)).all_keys(&self.keys)? {
                let name = member_name(&entry.digest);
                self.store.index_remove(&set, &name).await?;
            }
        }
        Ok(())
    }

    /// The live sessions of a user, in no order.
    pub async fn list(&self, user: &UserKey) -> Result<Vec<SessionEntry>, StoreError> {
        let mut entries: Vec<SessionEntry> = Vec::new();
        for key in IndexBy::User(user).all_keys(&self.keys)? {
            for member in self.store.index_list(&key).await? {
                entries.extend(self.open_entry(&member).filter(|entry| !entry.retired));
            }
        }
        // After a key rotation, a session may be in the sets of several generations.
        entries.sort_by(|a, b| (a.digest, b.last_seen).cmp(&(b.digest, a.last_seen)));
        entries.dedup_by_key(|entry| entry.digest);
        let records = entries
            .iter()
            .map(|entry| self.record_key(&SessionDigest::new(entry.digest)));
        let records: Vec<Key> = records.collect::<Result<_, _>>()?;
        let now = self.clock.now();
        self.learn_void(now).await?;
        let mut lives = self.store.alive(&records).await?.into_iter();
        entries.retain(|entry| {
            lives.next().unwrap_or_default() && !self.is_void(entry.first_seen, now)
        });
        Ok(entries)
    }

    /// Writes a session into its indexes, and makes room first if a set is full.
    pub(super) async fn write_indexes(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<(), StoreError> {
        match self.try_write_indexes(session, life).await {
            Err(StoreError::Full) => {
                self.make_room(session).await?;
                self.try_write_indexes(session, life).await
            }
            outcome => outcome,
        }
    }

    async fn try_write_indexes(&self, session: &Session, life: Duration) -> Result<(), StoreError> {
        let value = self.seal_entry(session, session.signed_in_at())?;
        let name = member_name(session.digest.as_bytes());
        let sets = self.index_keys(session)?;
        let puts = sets
            .iter()
            .map(|set| self.store.index_put(set, &name, &value, life));
        futures_util::future::try_join_all(puts).await?;
        Ok(())
    }

    /// Notes in the user's index when the session was last used. It is for display only, so errors are
    /// only logged. An entry that is written after a sign-out has no record; [`Self::list`] omits it.
    pub(super) async fn note_seen(&self, session: &Session, now: Timestamp) {
        if session.state.retired {
            return;
        }
        let noted = async {
            let value = self.seal_entry(session, now)?;
            let set = IndexBy::User(&session.user().key).key(&self.keys)?;
            let name = member_name(session.digest.as_bytes());
            let life = session.ends_at().since(now);
            self.store.index_put(&set, &name, &value, life).await
        };
        if let Err(error) = noted.await {
            tracing::debug!(%error, "when a session was last seen could not be noted");
        }
    }

    pub(super) fn seal_entry(
        &self,
        session: &Session,
        last_seen: Timestamp,
    ) -> Result<Vec<u8>, StoreError> {
        let entry = SessionEntry {
            handle: session.handle().to_owned(),
            device: session.state.device.clone(),
            first_seen: session.signed_in_at(),
            last_seen,
            digest: *session.digest.as_bytes(),
            retired: session.state.retired,
            iss: session.user().iss.as_str().into(),
            sub: session.user().sub.as_str().into(),
        };
        let json = serde_json::to_vec(&entry).map_err(|_| StoreError::Corrupt)?;
        let sealer = self.keys.sealer(SealPurpose::IndexEntry, b"");
        Ok(sealer.seal(&*self.random, self.keys.label().as_bytes(), &json))
    }

    pub(super) async fn remove_from_indexes(&self, session: &Session) -> Result<(), StoreError> {
        let name = member_name(session.digest.as_bytes());
        for set in self.index_keys(session)? {
            self.store.index_remove(&set, &name).await?;
        }
        Ok(())
    }

    pub(super) fn index_keys(&self, session: &Session) -> Result<Vec<Key>, StoreError> {
        let user = session.user();
        let mut keys = vec![IndexBy::User(&user.key).key(&self.keys)?];
        if let Some(sid) = &user.sid {
            keys.push(IndexBy::ProviderSession { sid }.key(&self.keys)?);
        }
        Ok(keys)
    }

    pub(super) fn open_entry(&self, member: &Member) -> Option<SessionEntry> {
        let sealer = self.keys.sealer(SealPurpose::IndexEntry, b"");
        let opened = sealer
            .open(self.keys.label().as_bytes(), &member.value)
            .ok()?;
        serde_json::from_slice(&opened.plaintext).ok()
    }
}
