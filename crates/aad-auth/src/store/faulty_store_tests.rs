use super::*;
use crate::{
    clock::{ManualClock, SystemClock, Timestamp},
    store_room::suite::{Subject, Time, run_all},
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn what_fails_by_plan_is_not_done_and_what_was_not_planned_is() {
    let store = FaultyStore::new(Arc::new(SystemClock));
    let key = Key::new("a").unwrap();
    let away = StoreFault::Fail(StoreError::Unavailable);
    store.plan(Operation::Create, away, 1);
    let refused = store.create(&key, b"x", HOUR).await;
    assert_eq!(refused, Err(StoreError::Unavailable));
    assert!(store.get(&key).await.unwrap().is_none());
    assert_eq!(store.pending(Operation::Create), 0);
    let Created::Written(version) = store.create(&key, b"x", HOUR).await.unwrap() else {
        panic!("it is free");
    };
    store.plan(Operation::Update, StoreFault::Conflict, 1);
    let update = async || store.update(&key, version, b"y", HOUR).await.unwrap();
    assert_eq!(update().await, Updated::Conflict);
    assert!(matches!(update().await, Updated::Written(_)));
    store.plan(Operation::Delete, away, 2);
    store.plan(Operation::Delete, away, 0);
    assert!(store.delete(&key).await.unwrap(), "the plan was replaced");
}

#[tokio::test]
async fn what_is_delayed_by_plan_is_done_afterwards() {
    let store = FaultyStore::new(Arc::new(SystemClock));
    let key = Key::new("a").unwrap();
    let pause = Duration::from_millis(20);
    store.plan(Operation::Create, StoreFault::Delay(pause), 1);
    let begun = std::time::Instant::now();
    store.create(&key, b"x", HOUR).await.unwrap();
    assert!(begun.elapsed() >= pause);
    assert!(store.get(&key).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_a_store_like_any_other_until_a_fault_is_planned() {
    for shared in [false, true] {
        run_all(async || {
            let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
            let store = FaultyStore::new(Arc::new(clock.clone()));
            let store = if shared { store.shared() } else { store };
            assert_eq!(store.exclusive(), !shared);
            Subject::new(Arc::new(store), Time::Manual(clock))
        })
        .await;
    }
}
