use std::{sync::Arc, time::Duration};

use aad_auth::{
    internals::store::suite::{Subject, Time, run_all},
    store::{Created, Key, MemoryStore, Store, StoreError, Timestamp},
    testing::ManualClock,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite() {
    run_all(async || {
        let clock = clock();
        let store = MemoryStore::new(Arc::new(clock.clone()));
        Subject::new(Arc::new(store), Time::Manual(clock))
    })
    .await;
}

#[tokio::test]
async fn a_full_store_refuses_and_evicts_no_live_record() {
    let clock = clock();
    let store = MemoryStore::with_capacity(Arc::new(clock.clone()), 64 * 1024);
    let mut created = 0;
    let refusal = loop {
        match store.create(&key(created), &[7; 1000], HOUR).await {
            Ok(_) => created += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal, StoreError::Full);
    assert!(created > 30, "{created}");
    for n in 0..created {
        assert!(store.get(&key(n)).await.unwrap().is_some(), "{n}");
    }
    let stats = store.stats();
    assert!(stats.bytes <= stats.capacity);
    assert_eq!(stats.refused, 1);

    clock.advance(HOUR);
    let after = store.create(&key(9999), &[7; 1000], HOUR).await.unwrap();
    assert!(
        matches!(after, Created::Written(_)),
        "expired ones give way"
    );
}

#[tokio::test]
async fn everything_that_expires_is_given_back() {
    let clock = clock();
    let store = MemoryStore::new(Arc::new(clock.clone()));
    for n in 0..5000 {
        store.create(&key(n), b"value", HOUR).await.unwrap();
        let set = key(n % 100);
        store
            .index_put(&set, key(n).as_str(), b"x", HOUR)
            .await
            .unwrap();
        store.touch(&key(n), 2 * HOUR).await.unwrap();
    }
    clock.advance(3 * HOUR);
    for n in 0..5000 {
        store.delete(&key(100_000 + n)).await.unwrap();
    }
    let stats = store.stats();
    assert_eq!((stats.records, stats.bytes), (Some(0), Some(0)));
    assert_eq!(stats.expired, 10_000);
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_seconds(1_800_000_000))
}

fn key(n: usize) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
