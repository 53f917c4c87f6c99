//! Bounds the number of sessions of one user that have application data.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{
    Session, Sessions,
    app_data::SESSION_DATA,
    id::{SessionDigest, store_key},
    index::{IndexBy, member_name},
};
use crate::store::{Key, Member, StoreError};

/// Most sessions of one user with application data. Beyond it, the oldest data is deleted.
pub const MAX_APP_DATA_PER_USER: usize = 32;

impl Sessions {
    /// Counts new data of a session, and deletes the oldest data of its user beyond the bound.
    pub(super) async fn count_app_data(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<(), StoreError> {
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

    /// Removes members without data, then deletes the oldest data beyond the bound.
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
