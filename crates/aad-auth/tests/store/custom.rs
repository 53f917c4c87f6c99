//! The store of the example `custom_store`, against the conformance suite.

use std::sync::Arc;

use aad_auth::{
    store::{Store, StoreError, StoreHealth, StoreStats, Timestamp},
    testing::{
        ManualClock,
        store_suite::{Subject, Time, run_all},
    },
};

#[path = "../../examples/custom_store.rs"]
mod example;

use example::MapStore;

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_seconds(1_800_000_000))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_custom_store_of_the_example_passes_the_suite() {
    run_all(async || {
        let clock = clock();
        let store = MapStore::new(Arc::new(clock.clone()));
        Subject::new(Arc::new(store), Time::Manual(clock))
    })
    .await;
}

#[tokio::test]
async fn a_store_that_writes_no_health_of_its_own_is_ready_until_its_reads_fail() {
    let store = MapStore::new(Arc::new(clock()));
    assert_eq!(store.health().await, StoreHealth::Ready);
    assert_eq!(store.stats(), StoreStats::default());
    assert_eq!(store.kind(), "custom");
    store.close().await.unwrap();
    let health = store.health().await;
    assert_eq!(health, StoreHealth::Failed(StoreError::Stopped));
}
