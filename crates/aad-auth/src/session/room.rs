//! Room in an index that is full.

use futures_util::future::try_join_all;

use super::{Sessions, id::SessionDigest};
use crate::store::{Key, MAX_MEMBERS, StoreError};

/// How many places are made.
const ROOM: usize = MAX_MEMBERS / 16;

impl Sessions {
    /// Makes room in those of the indexes that are full; false when none is. What dangles goes
    /// first, then the oldest sessions end.
    ///
    /// Otherwise a user whose script signs in every few seconds, and never out, could not sign in
    /// any more before the first of all these sessions had run out.
    pub(super) async fn make_room(&self, sets: &[Key]) -> Result<bool, StoreError> {
        let mut made = false;
        for set in sets {
            made |= self.make_room_in(set).await?;
        }
        Ok(made)
    }

    async fn make_room_in(&self, set: &Key) -> Result<bool, StoreError> {
        let members = self.store.index_list(set).await?;
        if members.len() < MAX_MEMBERS {
            return Ok(false);
        }
        let mut unreadable = Vec::new();
        let mut entries = Vec::new();
        for member in members {
            match self.open_entry(&member) {
                Some(entry) => entries.push((member.name, entry)),
                None => unreadable.push(member.name),
            }
        }
        let records: Result<Vec<_>, _> = entries
            .iter()
            .map(|(_, entry)| self.record_key(&SessionDigest::new(entry.digest)))
            .collect();
        let mut alive = self.store.alive(&records?).await?.into_iter();
        let (mut live, dangling): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|_| alive.next().unwrap_or_default());
        live.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.first_seen));
        let oldest = live.split_off(live.len().min(MAX_MEMBERS - ROOM));
        let ends = oldest.iter().map(|(_, entry)| async {
            self.end_by_digest(&SessionDigest::new(entry.digest)).await
        });
        // Begun together, so that a store that flushes to disk shares the flushes.
        try_join_all(ends).await?;
        let named = dangling.iter().chain(&oldest).map(|(name, _)| name);
        let removals = named
            .chain(&unreadable)
            .map(|name| self.store.index_remove(set, name));
        try_join_all(removals).await?;
        Ok(true)
    }
}
