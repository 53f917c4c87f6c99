//! One shard: operations on records and index sets, under one lock.

use std::sync::Arc;

use super::{
    byte_budget::{ByteBudget, replace, reserve},
    expiring_map::ExpiringMap,
    index_set::{IndexSet, member_weight},
};
use crate::{
    clock::Timestamp,
    store_room::{
        Created, Key, Member, Record, StoreError, Updated, Version, capacity_share::Share,
    },
};

// Bytes of one entry beside key and value (map slot, heap item, reference counts, rounding of the
// allocator): about 200 by benches/store_scale, rounded up, so that the bound holds.
const RECORD_OVERHEAD: usize = 256;
/// Expired entries that one write removes: more than one, so that the sweep is faster than the writes,
/// and few, so that no write waits long.
const SWEEP_STEP: usize = 4;

/// Records and index sets of one shard.
pub(super) struct MemoryShard {
    records: ExpiringMap<StoredRecord>,
    sets: ExpiringMap<IndexSet>,
}

struct StoredRecord {
    value: Arc<[u8]>,
    version: Version,
}

impl MemoryShard {
    pub(super) fn new() -> Self {
        Self {
            records: ExpiringMap::new(),
            sets: ExpiringMap::new(),
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
        budget: &ByteBudget,
    ) -> Result<Created, StoreError> {
        if self.records.get(key, now).is_some() {
            return Ok(Created::Exists);
        }
        let stored = StoredRecord {
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
        budget: &ByteBudget,
    ) -> Result<Updated, StoreError> {
        let Some((stored, end)) = self.records.get_mut(key, now) else {
            return Ok(Updated::Missing);
        };
        if stored.version != expected {
            return Ok(Updated::Conflict);
        }
        replace(
            budget,
            Share::of(key.as_str()),
            stored.value.len(),
            new.0.len(),
        )?;
        *stored = StoredRecord {
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

    pub(super) fn delete(&mut self, key: &Key, now: Timestamp, budget: &ByteBudget) -> bool {
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
        budget: &ByteBudget,
    ) -> Result<(), StoreError> {
        let share = Share::of(key.as_str());
        if self.sets.get(key, now).is_none() {
            // A new set and its first member must both fit.
            reserve(budget, share, set_weight(key) + member_weight(name, value))?;
            budget.release(share, member_weight(name, value));
            let set = IndexSet::new(share);
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
        budget: &ByteBudget,
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
    pub(super) fn sweep_step(&mut self, now: Timestamp, budget: &ByteBudget) -> u64 {
        (0..SWEEP_STEP).map_while(|_| self.pop(now, budget)).sum()
    }

    /// Removes all expired entries, and returns how many.
    pub(super) fn sweep(&mut self, now: Timestamp, budget: &ByteBudget) -> u64 {
        std::iter::from_fn(|| self.pop(now, budget)).sum()
    }

    fn pop(&mut self, now: Timestamp, budget: &ByteBudget) -> Option<u64> {
        if let Some((key, stored)) = self.records.pop_expired(now) {
            budget.release(Share::of(key.as_str()), weight(&key, &stored));
            return Some(1);
        }
        let (key, set) = self.sets.pop_expired(now)?;
        budget.release(set.share, set_weight(&key) + set.weight());
        Some(set.members.len() as u64)
    }
}

fn weight(key: &Key, stored: &StoredRecord) -> usize {
    RECORD_OVERHEAD + key.as_str().len() + stored.value.len()
}

fn set_weight(key: &Key) -> usize {
    RECORD_OVERHEAD + key.as_str().len()
}
