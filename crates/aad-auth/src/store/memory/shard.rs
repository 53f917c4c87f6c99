//! One shard: the operations on records and index sets, under one lock.

use std::{collections::HashMap, sync::Arc};

use super::{budget::Budget, expiring::Expiring};
use crate::{
    clock::Timestamp,
    store_room::{
        Created, Key, MAX_MEMBERS, Member, Record, StoreError, Updated, Version, share::Share,
    },
};

// What one entry costs beside its bytes (map slot, heap item, reference counts, the allocator's
// rounding): about 200 bytes by benches/store_scale; rounded up, so that the bound holds.
const RECORD_OVERHEAD: usize = 256;
const MEMBER_OVERHEAD: usize = 160;
/// Expired entries removed by one writing operation: more than one, so that the sweep gains on
/// the writers, and few, so that none of them waits.
const SWEEP_STEP: usize = 4;

/// Records and index sets of one shard.
pub(super) struct Shard {
    records: Expiring<Stored>,
    sets: Expiring<Set>,
}

struct Stored {
    value: Arc<[u8]>,
    version: Version,
}

struct Set {
    share: Share,
    members: HashMap<Box<str>, (Box<[u8]>, Timestamp)>,
    /// The size at which expired members are looked for: doubled each time, so that the search
    /// costs a constant per put.
    prune_at: usize,
}

impl Shard {
    pub(super) fn new() -> Self {
        Self {
            records: Expiring::new(),
            sets: Expiring::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len() + self.sets.len()
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.sets.clear();
    }

    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<Record> {
        let (stored, expires_at) = self.records.get(key, now)?;
        Some(Record {
            value: Arc::clone(&stored.value),
            version: stored.version,
            expires_at,
        })
    }

    pub(super) fn create(
        &mut self,
        key: &Key,
        new: (&[u8], Version),
        (now, expires_at): (Timestamp, Timestamp),
        budget: &Budget,
    ) -> Result<Created, StoreError> {
        if self.records.get(key, now).is_some() {
            return Ok(Created::Exists);
        }
        let stored = Stored {
            value: new.0.into(),
            version: new.1,
        };
        let share = Share::of(key.as_str());
        reserve(budget, share, weight(key, &stored))?;
        if let Some(expired) = self.records.insert(key, stored, expires_at) {
            budget.release(share, weight(key, &expired));
        }
        Ok(Created::Written(new.1))
    }

    pub(super) fn update(
        &mut self,
        key: &Key,
        expected: Version,
        new: (&[u8], Version),
        (now, expires_at): (Timestamp, Timestamp),
        budget: &Budget,
    ) -> Result<Updated, StoreError> {
        let Some((stored, end)) = self.records.get_mut(key, now) else {
            return Ok(Updated::Missing);
        };
        if stored.version != expected {
            return Ok(Updated::Conflict);
        }
        exchange(
            budget,
            Share::of(key.as_str()),
            stored.value.len(),
            new.0.len(),
        )?;
        *stored = Stored {
            value: new.0.into(),
            version: new.1,
        };
        *end = expires_at;
        self.records.reschedule(key);
        Ok(Updated::Written(new.1))
    }

    pub(super) fn touch(&mut self, key: &Key, now: Timestamp, expires_at: Timestamp) -> bool {
        let Some((_, end)) = self.records.get_mut(key, now) else {
            return false;
        };
        *end = expires_at;
        self.records.reschedule(key);
        true
    }

    pub(super) fn delete(&mut self, key: &Key, now: Timestamp, budget: &Budget) -> bool {
        match self.records.remove(key) {
            Some((stored, expires_at)) => {
                budget.release(Share::of(key.as_str()), weight(key, &stored));
                expires_at > now
            }
            None => false,
        }
    }

    pub(super) fn index_put(
        &mut self,
        key: &Key,
        (name, value): (&str, &[u8]),
        (now, expires_at): (Timestamp, Timestamp),
        budget: &Budget,
    ) -> Result<(), StoreError> {
        let share = Share::of(key.as_str());
        if self.sets.get(key, now).is_none() {
            // Of a new set and its first member, either both fit or none is there.
            reserve(budget, share, set_weight(key) + member_weight(name, value))?;
            budget.release(share, member_weight(name, value));
            let set = Set::new(share);
            if let Some(expired) = self.sets.insert(key, set, expires_at) {
                budget.release(share, set_weight(key) + expired.weight());
            }
        }
        let Some((set, end)) = self.sets.get_mut(key, now) else {
            return Err(StoreError::Corrupt);
        };
        set.prune_if_grown(now, budget);
        set.put(name, value, expires_at, budget)?;
        *end = (*end).max(expires_at);
        Ok(())
    }

    pub(super) fn index_remove(
        &mut self,
        key: &Key,
        name: &str,
        now: Timestamp,
        budget: &Budget,
    ) -> bool {
        let Some((set, _)) = self.sets.get_mut(key, now) else {
            return false;
        };
        let removed = set.members.remove(name);
        if let Some((value, _)) = &removed {
            budget.release(set.share, member_weight(name, value));
        }
        let share = set.share;
        if set.members.is_empty() && self.sets.remove(key).is_some() {
            budget.release(share, set_weight(key));
        }
        removed.is_some_and(|(_, expires_at)| expires_at > now)
    }

    pub(super) fn index_list(&self, key: &Key, now: Timestamp) -> Vec<Member> {
        let Some((set, _)) = self.sets.get(key, now) else {
            return Vec::new();
        };
        let live = set.members.iter().filter(|(_, (_, end))| *end > now);
        live.map(|(name, (value, _))| Member {
            name: name.to_string(),
            value: value.to_vec(),
        })
        .collect()
    }

    /// Removes some expired entries, and returns how many.
    pub(super) fn sweep_step(&mut self, now: Timestamp, budget: &Budget) -> u64 {
        (0..SWEEP_STEP).map_while(|_| self.pop(now, budget)).sum()
    }

    /// Removes all expired entries, and returns how many.
    pub(super) fn sweep(&mut self, now: Timestamp, budget: &Budget) -> u64 {
        std::iter::from_fn(|| self.pop(now, budget)).sum()
    }

    fn pop(&mut self, now: Timestamp, budget: &Budget) -> Option<u64> {
        if let Some((key, stored)) = self.records.pop_expired(now) {
            budget.release(Share::of(key.as_str()), weight(&key, &stored));
            return Some(1);
        }
        let (key, set) = self.sets.pop_expired(now)?;
        budget.release(set.share, set_weight(&key) + set.weight());
        Some(set.members.len() as u64)
    }
}

impl Set {
    fn new(share: Share) -> Self {
        Self {
            share,
            members: HashMap::new(),
            prune_at: 0,
        }
    }

    fn put(
        &mut self,
        name: &str,
        value: &[u8],
        expires_at: Timestamp,
        budget: &Budget,
    ) -> Result<(), StoreError> {
        if self.members.len() >= MAX_MEMBERS && !self.members.contains_key(name) {
            return Err(StoreError::Full);
        }
        let present = self.members.get(name);
        let freed = present.map_or(0, |(value, _)| member_weight(name, value));
        exchange(budget, self.share, freed, member_weight(name, value))?;
        self.members.insert(name.into(), (value.into(), expires_at));
        Ok(())
    }

    fn prune_if_grown(&mut self, now: Timestamp, budget: &Budget) {
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

    fn weight(&self) -> usize {
        let members = self.members.iter();
        members
            .map(|(name, (value, _))| member_weight(name, value))
            .sum()
    }
}

fn reserve(budget: &Budget, share: Share, bytes: usize) -> Result<(), StoreError> {
    if budget.reserve(share, bytes) {
        Ok(())
    } else {
        Err(StoreError::Full)
    }
}

/// Puts new bytes in the place of old ones: what does not grow is never refused for want of room.
fn exchange(budget: &Budget, share: Share, old: usize, new: usize) -> Result<(), StoreError> {
    if new > old {
        reserve(budget, share, new - old)
    } else {
        budget.release(share, old - new);
        Ok(())
    }
}

fn weight(key: &Key, stored: &Stored) -> usize {
    RECORD_OVERHEAD + key.as_str().len() + stored.value.len()
}

fn set_weight(key: &Key) -> usize {
    RECORD_OVERHEAD + key.as_str().len()
}

fn member_weight(name: &str, value: &[u8]) -> usize {
    MEMBER_OVERHEAD + name.len() + value.len()
}
