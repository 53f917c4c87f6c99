//! One index set in memory.

use std::collections::HashMap;

use super::byte_budget::{ByteBudget, replace};
use crate::{
    clock::Timestamp,
    store_room::{MAX_MEMBERS, StoreError, capacity_share::Share},
};

/// Bytes of one member beside name and value, as in `memory_shard.rs`.
const MEMBER_OVERHEAD: usize = 160;

/// An index set.
pub(super) struct IndexSet {
    pub(super) share: Share,
    pub(super) members: HashMap<Box<str>, (Box<[u8]>, Timestamp)>,
    /// The size at which expired members are removed. It doubles each time, so that the cost per put is
    /// constant.
    prune_at: usize,
}

impl IndexSet {
    pub(super) fn new(share: Share) -> Self {
        Self {
            share,
            members: HashMap::new(),
            prune_at: 0,
        }
    }

    pub(super) fn put(
        &mut self,
        name: &str,
        value: &[u8],
        expires_at: Timestamp,
        budget: &ByteBudget,
    ) -> Result<(), StoreError> {
        if self.members.len() >= MAX_MEMBERS && !self.members.contains_key(name) {
            return Err(StoreError::Full);
        }
        let present = self.members.get(name);
        let freed = present.map_or(0, |(value, _)| member_weight(name, value));
        replace(budget, self.share, freed, member_weight(name, value))?;
        self.members.insert(name.into(), (value.into(), expires_at));
        Ok(())
    }

    pub(super) fn prune_if_grown(&mut self, now: Timestamp, budget: &ByteBudget) {
        if self.members.len() < self.prune_at.max(8) {
            return;
        }
        self.members.retain(|name, (value, expires_at)| {
            let live = *expires_at > now;
            if !live {
                budget.release(self.share, member_weight(name, value));
            }
            live
        });
        self.prune_at = self.members.len().saturating_mul(2).min(MAX_MEMBERS);
    }

    pub(super) fn weight(&self) -> usize {
        let members = self.members.iter();
        members
            .map(|(name, (value, _))| member_weight(name, value))
            .sum()
    }
}

/// The bytes that a member counts for.
pub(super) fn member_weight(name: &str, value: &[u8]) -> usize {
    MEMBER_OVERHEAD + name.len() + value.len()
}
