//! Any sequence of operations has the effect that it has on a plain map.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use aad_auth::{
    store::{
        Clock, Created, FileOptions, FileStore, Key, MemoryStore, Store, Timestamp, Updated,
        Version,
    },
    testing::ManualClock,
};
use proptest::prelude::*;

/// One step. Keys, members and versions are numbers, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Get(u8),
    Create(u8, Vec<u8>, u64),
    /// With the version that was given so many writings of this key ago.
    Update(u8, usize, Vec<u8>, u64),
    Touch(u8, u64),
    Delete(u8),
    Put(u8, u8, Vec<u8>, u64),
    Remove(u8, u8),
    List(u8),
    Advance(u64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let (key, member) = (0..4_u8, 0..3_u8);
    let (value, ttl) = (prop::collection::vec(any::<u8>(), 0..12), 1..100_u64);
    prop_oneof![
        2 => key.clone().prop_map(Step::Get),
        4 => (key.clone(), value.clone(), ttl.clone()).prop_map(|(k, v, t)| Step::Create(k, v, t)),
        4 => (key.clone(), 0..3_usize, value.clone(), ttl.clone())
            .prop_map(|(k, n, v, t)| Step::Update(k, n, v, t)),
        2 => (key.clone(), ttl.clone()).prop_map(|(k, t)| Step::Touch(k, t)),
        2 => key.clone().prop_map(Step::Delete),
        3 => (key.clone(), member.clone(), value, ttl).prop_map(|(k, m, v, t)| Step::Put(k, m, v, t)),
        1 => (key.clone(), member).prop_map(|(k, m)| Step::Remove(k, m)),
        2 => key.prop_map(Step::List),
        2 => (1..60_u64).prop_map(Step::Advance),
        1 => Just(Step::Reopen),
    ]
}

/// What a store should be.
#[derive(Default)]
struct Model {
    records: BTreeMap<u8, (Vec<u8>, Timestamp)>,
    members: BTreeMap<(u8, u8), (Vec<u8>, Timestamp)>,
    /// Every version given to a key, oldest first.
    versions: BTreeMap<u8, Vec<Version>>,
}

impl Model {
    fn expire(&mut self, now: Timestamp) {
        self.records.retain(|_, (_, end)| *end > now);
        self.members.retain(|_, (_, end)| *end > now);
    }

    fn write(&mut self, key: u8, value: &[u8], end: Timestamp, version: Version) {
        let versions = self.versions.entry(key).or_default();
        assert!(!versions.contains(&version), "a version came again");
        versions.push(version);
        self.records.insert(key, (value.to_vec(), end));
    }
}

async fn run(steps: Vec<Step>, clock: ManualClock, open: impl AsyncFn() -> Option<Arc<dyn Store>>) {
    let mut model = Model::default();
    let mut store = open().await.unwrap();
    for step in steps {
        match step {
            Step::Advance(seconds) => clock.advance(Duration::from_secs(seconds)),
            Step::Reopen => {
                drop(store);
                store = open().await.unwrap();
            }
            step => apply(&step, &*store, &mut model, clock.now()).await,
        }
    }
}

async fn apply(step: &Step, store: &dyn Store, model: &mut Model, now: Timestamp) {
    model.expire(now);
    match step {
        Step::Get(k) => {
            let found = store.get(&key(*k)).await.unwrap();
            let found = found.map(|record| (record.value.to_vec(), record.expires_at));
            assert_eq!(found.as_ref(), model.records.get(k));
        }
        Step::Create(k, value, ttl) => match store.create(&key(*k), value, life(*ttl)).await {
            Ok(Created::Exists) => assert!(model.records.contains_key(k)),
            Ok(Created::Written(version)) => {
                assert!(!model.records.contains_key(k));
                model.write(*k, value, now + life(*ttl), version);
            }
            Err(error) => panic!("{error}"),
        },
        Step::Update(k, back, value, ttl) => {
            update(store, model, now, (*k, *back, value, *ttl)).await;
        }
        Step::Touch(k, ttl) => {
            let record = model.records.get_mut(k);
            let touched = store.touch(&key(*k), life(*ttl)).await.unwrap();
            assert_eq!(touched, record.is_some());
            if let Some((_, end)) = record {
                *end = now + life(*ttl);
            }
        }
        Step::Delete(k) => {
            let deleted = store.delete(&key(*k)).await.unwrap();
            assert_eq!(deleted, model.records.remove(k).is_some());
        }
        Step::Put(k, m, value, ttl) => {
            let (set, member) = (key(*k), m.to_string());
            let put = store.index_put(&set, &member, value, life(*ttl));
            put.await.unwrap();
            let end = now + life(*ttl);
            model.members.insert((*k, *m), (value.clone(), end));
        }
        Step::Remove(k, m) => {
            let removed = store.index_remove(&key(*k), &m.to_string()).await.unwrap();
            assert_eq!(removed, model.members.remove(&(*k, *m)).is_some());
        }
        Step::List(k) => {
            let listed = store.index_list(&key(*k)).await.unwrap().into_iter();
            let listed: BTreeMap<_, _> = listed.map(|it| (it.name, it.value)).collect();
            let members = model.members.iter().filter(|((set, _), _)| set == k);
            let expected: BTreeMap<_, _> = members
                .map(|((_, m), (value, _))| (m.to_string(), value.clone()))
                .collect();
            assert_eq!(listed, expected);
        }
        Step::Advance(_) | Step::Reopen => {}
    }
}

async fn update(
    store: &dyn Store,
    model: &mut Model,
    now: Timestamp,
    (k, back, value, ttl): (u8, usize, &[u8], u64),
) {
    let versions = model.versions.get(&k).cloned().unwrap_or_default();
    let Some(version) = versions.iter().rev().nth(back).copied() else {
        return;
    };
    let live = model.records.contains_key(&k);
    let key = key(k);
    let updated = store.update(&key, version, value, life(ttl));
    match updated.await.unwrap() {
        Updated::Missing => assert!(!live),
        Updated::Conflict => assert!(live && back > 0),
        Updated::Written(version) => {
            assert!(live && back == 0);
            model.write(k, value, now + life(ttl), version);
        }
    }
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn memory_is_a_map(steps in prop::collection::vec(step(), 1..80)) {
        let clock = clock();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
        block_on(run(steps, clock, async || Some(Arc::clone(&store))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn file_is_a_map(steps in prop::collection::vec(step(), 1..60)) {
        let clock = clock();
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("s.redb");
        block_on(run(steps, clock.clone(), async || {
            let options = FileOptions::new(&path).clock(Arc::new(clock.clone()));
            let store = FileStore::open(options).ok()?;
            store.opened().await.ok()?;
            Some(Arc::new(store) as Arc<dyn Store>)
        }));
    }
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_seconds(1_800_000_000))
}

fn life(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn key(n: u8) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
