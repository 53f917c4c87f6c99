//! The indexes of sessions: by user, and by session at the provider.

use std::time::Duration;

use super::{
    Session, SessionEntry, Sessions,
    id::SessionDigest,
    index::{IndexBy, member_name},
};
use crate::{
    seal::Purpose,
    store::{Key, Member, StoreError},
    validation::UserKey,
};

impl Sessions {
    /// Ends the oldest sessions of a user beyond the limit, and forgets entries that dangle.
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

    /// Ends the sessions that belong to one session at the provider (`iss`, `sid`).
    pub async fn end_provider_session(&self, iss: &str, sid: &str) -> Result<usize, StoreError> {
        self.end_indexed(&IndexBy::ProviderSession { iss, sid })
            .await
    }

    /// The sessions of a user, in no order. An entry may dangle for a moment.
    pub async fn list(&self, user: &UserKey) -> Result<Vec<SessionEntry>, StoreError> {
        let mut entries = Vec::new();
        for key in IndexBy::User(user).all_keys(&self.keys)? {
            for member in self.store.index_list(&key).await? {
                entries.extend(self.open_entry(&member).filter(|entry| !entry.retired));
            }
        }
        Ok(entries)
    }

    pub(super) async fn end_indexed(&self, by: &IndexBy<'_>) -> Result<usize, StoreError> {
        let mut ended = 0;
        for set in by.all_keys(&self.keys)? {
            for member in self.store.index_list(&set).await? {
                if let Some(entry) = self.open_entry(&member) {
                    self.end_by_digest(&SessionDigest::new(entry.digest))
                        .await?;
                    ended += 1;
                }
                self.store.index_remove(&set, &member.name).await?;
            }
        }
        Ok(ended)
    }

    pub(super) async fn write_indexes(
        &self,
        session: &Session,
        device: Option<String>,
        retired: bool,
        life: Duration,
    ) -> Result<(), StoreError> {
        let entry = SessionEntry {
            handle: session.handle().to_owned(),
            device,
            first_seen: session.signed_in_at(),
            last_seen: session.signed_in_at(),
            digest: *session.digest.as_bytes(),
            retired,
        };
        let json = serde_json::to_vec(&entry).map_err(|_| StoreError::Corrupt)?;
        let sealer = self.keys.sealer(Purpose::IndexEntry, b"");
        let value = sealer.seal(&*self.random, self.keys.label().as_bytes(), &json);
        let name = member_name(session.digest.as_bytes());
        let sets = self.index_keys(session)?;
        let puts = sets
            .iter()
            .map(|set| self.store.index_put(set, &name, &value, life));
        futures_util::future::try_join_all(puts).await?;
        Ok(())
    }

    pub(super) async fn remove_from_indexes(&self, session: &Session) -> Result<(), StoreError> {
        let name = member_name(session.digest.as_bytes());
        for set in self.index_keys(session)? {
            self.store.index_remove(&set, &name).await?;
        }
        Ok(())
    }

    fn index_keys(&self, session: &Session) -> Result<Vec<Key>, StoreError> {
        let user = session.user();
        let mut keys = vec![IndexBy::User(&user.key).key(&self.keys)?];
        if let Some(sid) = &user.sid {
            let by = IndexBy::ProviderSession {
                iss: &user.iss,
                sid,
            };
            keys.push(by.key(&self.keys)?);
        }
        Ok(keys)
    }

    fn open_entry(&self, member: &Member) -> Option<SessionEntry> {
        let sealer = self.keys.sealer(Purpose::IndexEntry, b"");
        let opened = sealer
            .open(self.keys.label().as_bytes(), &member.value)
            .ok()?;
        serde_json::from_slice(&opened.plaintext).ok()
    }
}
