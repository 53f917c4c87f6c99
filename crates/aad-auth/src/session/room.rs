//! Room in an index that is full.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{Session, SessionEntry, Sessions, id::SessionDigest};
use crate::store::{Key, MAX_MEMBERS, StoreError};

/// How many places are made.
const ROOM: usize = MAX_MEMBERS / 16;
/// An entry is written before its session's record: one that is younger may be waiting for it.
const SETTLED: Duration = Duration::from_secs(60);

type Named = (String, SessionEntry);

impl Sessions {
    /// Makes room for `session` in those of its indexes that are full. What dangles goes first, then
    /// the oldest sessions of the same user end; never the one that this one replaces.
    ///
    /// Otherwise a user whose script signs in every few seconds, and never out, could not sign in
    /// any more before the first of all these sessions had run out.
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
        let entries: Vec<Named> = members
            .into_iter()
            .filter_map(|member| {
                let entry = self.open_entry(&member)?;
                Some((member.name, entry))
            })
            .collect();
        let (live, dangling) = self.part(entries).await?;
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
        // Begun together, so that a store that flushes to disk shares the flushes.
        try_join_all(ends).await?;
        let removals = dangling
            .iter()
            .chain(&oldest)
            .map(|(name, _)| self.store.index_remove(set, name));
        try_join_all(removals).await?;
        Ok(())
    }

    /// Those whose session lives, or may be about to, and those that dangle.
    async fn part(&self, entries: Vec<Named>) -> Result<(Vec<Named>, Vec<Named>), StoreError> {
        let now = self.clock.now();
        let records: Result<Vec<_>, _> = entries
            .iter()
            .map(|(_, entry)| self.record_key(&SessionDigest::new(entry.digest)))
            .collect();
        let mut alive = self.store.alive(&records?).await?.into_iter();
        Ok(entries.into_iter().partition(|(_, entry)| {
            alive.next().unwrap_or_default() || now.since(entry.first_seen) < SETTLED
        }))
    }
}

/// Which sessions are to end. Those of others are let be: what the index of a session at the
/// provider holds is the provider's to say.
fn oldest_of(session: &Session, mut live: Vec<Named>) -> Vec<Named> {
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
