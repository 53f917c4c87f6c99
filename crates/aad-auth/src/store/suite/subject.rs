//! The store under test, and how time passes for it.

use std::{sync::Arc, time::Duration};

use crate::{
    clock::{Clock, ManualClock, SystemClock, Timestamp},
    random::{SystemRandom, token},
    store_room::{Created, Key, Store, StoreError, Version},
};

/// A life that does not end during a property.
pub(super) const LONG: Duration = Duration::from_secs(3600);
/// A life that ends during a property.
pub(super) const SHORT: Duration = Duration::from_millis(150);

const TICK: Duration = Duration::from_millis(30);

/// How time passes for a store.
pub enum Time {
    /// By setting the clock that the store was given.
    Manual(ManualClock),
    /// By waiting.
    Real,
}

/// A store under test.
pub struct Subject {
    /// The store.
    pub store: Arc<dyn Store>,
    time: Time,
    prefix: String,
}

impl Subject {
    /// A store, and how time passes for it.
    pub fn new(store: Arc<dyn Store>, time: Time) -> Self {
        let prefix = token::<9>(&SystemRandom);
        Self {
            store,
            time,
            prefix,
        }
    }

    pub(super) fn key(&self, name: &str) -> Key {
        Key::new(format!("suite:{}:{name}", self.prefix)).expect("a short printable key")
    }

    /// The key of a record of application data.
    pub(super) fn application_key(&self, n: u64) -> Key {
        Key::new(format!("suite:a:{}{n}", self.prefix)).expect("a short printable key")
    }

    pub(super) fn now(&self) -> Timestamp {
        match &self.time {
            Time::Manual(clock) => clock.now(),
            Time::Real => SystemClock.now(),
        }
    }

    pub(super) async fn pass(&self, duration: Duration) {
        match &self.time {
            Time::Manual(clock) => clock.advance(duration),
            // A server measures time itself, and may end a life slightly late.
            Time::Real => tokio::time::sleep(duration + TICK).await,
        }
    }

    /// Creates a record that must not exist yet.
    pub(super) async fn create(&self, key: &Key, value: &[u8], ttl: Duration) -> Version {
        match ok(self.store.create(key, value, ttl).await) {
            Created::Written(version) => version,
            Created::Exists => unreachable!("create answered Exists for a key that is absent"),
        }
    }

    pub(super) async fn value(&self, key: &Key) -> Option<Vec<u8>> {
        let record = ok(self.store.get(key).await)?;
        Some(record.value.to_vec())
    }

    /// The members of a set, in order of their names.
    pub(super) async fn members(&self, set: &Key) -> Vec<(String, Vec<u8>)> {
        let listed = ok(self.store.index_list(set).await).into_iter();
        let mut members: Vec<_> = listed.map(|member| (member.name, member.value)).collect();
        members.sort();
        members
    }
}

pub(super) fn ok<T>(outcome: Result<T, StoreError>) -> T {
    outcome.expect("the store works")
}
