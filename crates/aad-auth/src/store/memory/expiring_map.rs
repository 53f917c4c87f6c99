//! A map whose entries expire, with amortised removal.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use crate::{clock::Timestamp, store::Key};

/// A map from keys to values that expire. Each entry owns one item in a heap, ordered by due time. A
/// longer life leaves the item unchanged, and the sweep moves it when it is due. So a `touch` costs one
/// look-up.
pub(super) struct ExpiringMap<V> {
    entries: HashMap<Key, ExpiringEntry<V>>,
    due: BinaryHeap<Reverse<(Timestamp, Key)>>,
}

struct ExpiringEntry<V> {
    value: V,
    expires_at: Timestamp,
    /// The due time of this entry's heap item. Items with another time are stale.
    due: Timestamp,
}

impl<V> ExpiringMap<V> {
    pub(super) fn new() -> Self {
        Self {
            entries: HashMap::new(),
            due: BinaryHeap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The live value of `key`, with its end.
    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<(&V, Timestamp)> {
        let entry = self.entries.get(key)?;
        (entry.expires_at > now).then_some((&entry.value, entry.expires_at))
    }

    /// The live value of `key` and its end, for changes.
    pub(super) fn get_mut(
        &mut self,
        key: &Key,
        now: Timestamp,
    ) -> Option<(&mut V, &mut Timestamp)> {
        let entry = self.entries.get_mut(key)?;
        (entry.expires_at > now).then_some((&mut entry.value, &mut entry.expires_at))
    }

    /// Adapts the heap after a changed life. Must be called, so that a shortened life is swept at its end.
    pub(super) fn reschedule(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key)
            && entry.expires_at < entry.due
        {
            entry.due = entry.expires_at;
            self.due.push(Reverse((entry.due, key.clone())));
            self.drop_stale_items();
        }
    }

    /// Inserts a value and returns the one that it replaces.
    pub(super) fn insert(&mut self, key: &Key, value: V, expires_at: Timestamp) -> Option<V> {
        let entry = ExpiringEntry {
            value,
            expires_at,
            due: expires_at,
        };
        self.due.push(Reverse((expires_at, key.clone())));
        let replaced = self.entries.insert(key.clone(), entry);
        self.drop_stale_items();
        replaced.map(|entry| entry.value)
    }

    /// Removes a value and returns it with its end, whether it is live or not.
    pub(super) fn remove(&mut self, key: &Key) -> Option<(V, Timestamp)> {
        let entry = self.entries.remove(key)?;
        self.drop_stale_items();
        Some((entry.value, entry.expires_at))
    }

    /// Removes one expired entry that is due.
    pub(super) fn pop_expired(&mut self, now: Timestamp) -> Option<(Key, V)> {
        while let Some(Reverse((due, _))) = self.due.peek()
            && *due <= now
            && let Some(Reverse((due, key))) = self.due.pop()
        {
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            if entry.due != due {
                continue;
            }
            if entry.expires_at > now {
                entry.due = entry.expires_at;
                self.due.push(Reverse((entry.due, key)));
                continue;
            }
            if let Some(entry) = self.entries.remove(&key) {
                return Some((key, entry.value));
            }
        }
        None
    }

    pub(super) fn clear(&mut self) {
        self.entries = HashMap::new();
        self.due = BinaryHeap::new();
    }

    /// Rebuilds the heap when most of its items are stale.
    fn drop_stale_items(&mut self) {
        if self.due.len() <= 64 + self.entries.len().saturating_mul(2) {
            return;
        }
        self.due = self
            .entries
            .iter_mut()
            .map(|(key, entry)| {
                entry.due = entry.expires_at;
                Reverse((entry.due, key.clone()))
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        Key::new(format!("k{n}")).unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn an_extended_entry_is_not_swept_early_and_is_swept_once() {
        let mut map = ExpiringMap::new();
        map.insert(&key(1), 1, at(10));
        *map.get_mut(&key(1), at(5)).unwrap().1 = at(20);
        assert!(map.pop_expired(at(15)).is_none());
        assert!(map.get(&key(1), at(19)).is_some());
        assert!(map.pop_expired(at(20)).is_some());
        assert!(map.pop_expired(at(99)).is_none());
    }

    #[test]
    fn a_shortened_entry_is_swept_at_its_new_end() {
        let mut map = ExpiringMap::new();
        map.insert(&key(1), 1, at(1000));
        *map.get_mut(&key(1), at(5)).unwrap().1 = at(10);
        map.reschedule(&key(1));
        assert!(map.pop_expired(at(10)).is_some());
    }

    #[test]
    fn a_leftover_does_not_end_a_later_entry_of_the_same_key() {
        let mut map = ExpiringMap::new();
        map.insert(&key(1), 1, at(10));
        map.remove(&key(1));
        map.insert(&key(1), 2, at(30));
        assert!(map.pop_expired(at(10)).is_none());
        assert_eq!(map.get(&key(1), at(10)), Some((&2, at(30))));
    }

    #[test]
    fn creating_and_deleting_does_not_grow_the_heap() {
        let mut map = ExpiringMap::new();
        for n in 0..10_000 {
            map.insert(&key(n), n, at(1_000_000));
            map.remove(&key(n));
        }
        assert!(map.due.len() <= 66, "{}", map.due.len());
    }
}
