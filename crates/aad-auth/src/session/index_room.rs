//! Makes room in index sets that are full.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{Session, SessionEntry, Sessions, id::SessionDigest};
use crate::store::{Key, MAX_MEMBERS, StoreError};

/// How many entries are removed at once.
const ROOM: usize = MAX_MEMBERS / 16;
/// The entry of a session is written before its record. A younger entry without a record may belong to
/// a session that is being created.
const BEING_CREATED: Duration = Duration::from_secs(60);

/// An entry with the name of its member.
type NamedEntry = (String, SessionEntry);

impl Sessions {
    /// Makes room for `session` in those of its index sets that are full. Removes entries without a
    /// record first, then ends the oldest sessions of the same user, but never the one that `session`
    /// replaces.
    ///
    /// Otherwise a user whose script signs in every few seconds could not sign in again until the
    /// first of those sessions expires.
    pub(super) async fn make_room(&self, session: &Session) -> Result<(), StoreError> {
        for set in self.index_keys(session)? {
            self.make_room_in(&set, session).await?;
        }
        Ok(())
    }

    async fn make_room_in(&self, set: &Key, session: &Session) -> Result<(), StoreError> {
        let members = self.store.index_list(set).await?;
        if members.len() < MAX_MEMBERS {
            return Ok(());
        }
        let entries: Vec<NamedEntry> = members
            .into_iter()
            .filter_map(|member| {
                let entry = self.open_entry(&member)?;
                Some((member.name, entry))
            })
            .collect();
        let (live, dangling) = self.separate_dangling(entries).await?;
        let oldest = oldest_of(session, live);
        if !oldest.is_empty() {
            tracing::warn!(
                ended = oldest.len(),
                "a user has as many sessions as an index holds: the oldest were ended; \
                 AAD_MAX_SESSIONS_PER_USER sets a limit"
            );
        }
        let ends = oldest.iter().map(|(_, entry)| async {
            let digest = SessionDigest::new(entry.digest);
            self.end_by_digest(&digest).await
        });
        // Concurrently, so that a store that flushes to disk needs fewer flushes.
        try_join_all(ends).await?;
        let removals = dangling
            .iter()
            .chain(&oldest)
            .map(|(name, _)| self.store.index_remove(set, name));
        try_join_all(removals).await?;
        Ok(())
    }

    /// Separates entries of sessions that live, or are being created, from those without a record.
    async fn separate_dangling(
        &self,
        entries: Vec<NamedEntry>,
    ) -> Result<(Vec<NamedEntry>, Vec<NamedEntry>), StoreError> {
        let now = self.clock.now();
        let records: Result<Vec<_>, _> = entries
            .iter()
            .map(|(_, entry)| self.record_key(&SessionDigest::new(entry.digest)))
            .collect();
        let mut alive = self.store.alive(&records?).await?.into_iter();
        Ok(entries.into_iter().partition(|(_, entry)| {
            alive.next().unwrap_or_default() || now.since(entry.first_seen) < BEING_CREATED
        }))
    }
}

/// The sessions to end. Sessions of other users in the set are kept.
fn oldest_of(session: &Session, mut live: Vec<NamedEntry>) -> Vec<NamedEntry> {
    let excess = live.len().saturating_sub(MAX_MEMBERS - ROOM);
    let user = session.user();
    live.retain(|(name, entry)| {
        *entry.iss == *user.iss
            && *entry.sub == *user.sub
            && session.state.replaced.as_ref() != Some(name)
    });
    live.sort_by_key(|(_, entry)| entry.first_seen);
    live.truncate(excess);
    live
}
