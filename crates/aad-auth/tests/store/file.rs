use std::{fs, path::Path, sync::Arc, time::Duration};

use aad_auth::{
    internals::store::suite::{Subject, Time, run_all},
    store::{Created, FileOptions, FileStore, Key, Store, StoreError, StoreHealth, Timestamp},
    testing::ManualClock,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn file_passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    run_all(async || {
        count.set(count.get() + 1);
        let clock = clock();
        let path = folder.path().join(format!("{}.redb", count.get()));
        let store = open_with(&path, |options| {
            let bounded = options.capacity(16 * 1024 * 1024);
            bounded.clock(Arc::new(clock.clone()))
        })
        .await;
        Subject::new(Arc::new(store), Time::Manual(clock))
    })
    .await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/sessions.redb");
    let store = open(&path).await;
    store.create(&key(1), b"one", HOUR).await.unwrap();
    store.create(&key(2), b"two", HOUR).await.unwrap();
    store.delete(&key(2)).await.unwrap();
    store.index_put(&key(3), "m", b"three", HOUR).await.unwrap();
    drop(store);

    let store = open(&path).await;
    let record = store.get(&key(1)).await.unwrap().unwrap();
    assert_eq!(&*record.value, b"one");
    assert!(store.get(&key(2)).await.unwrap().is_none());
    assert_eq!(store.index_list(&key(3)).await.unwrap().len(), 1);
    assert_eq!(store.stats().records, Some(2));
    let late = store
        .update(&key(1), record.version, b"again", HOUR)
        .await
        .unwrap();
    assert!(matches!(late, aad_auth::store::Updated::Written(_)));
}

#[tokio::test]
async fn answers_opening_while_another_process_holds_the_file_and_opens_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let first = open(&path).await;
    let second = FileStore::open(FileOptions::new(&path)).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(second.health().await, StoreHealth::Opening);
    let early = second.create(&key(1), b"x", HOUR).await;
    assert_eq!(early, Err(StoreError::Opening));
    first.close().await.unwrap();
    second.opened().await.unwrap();
    assert_eq!(second.health().await, StoreHealth::Ready);
}

#[tokio::test]
async fn refuses_a_file_that_another_process_keeps_holding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let _first = open(&path).await;
    let options = FileOptions::new(&path).lock_wait(Duration::from_millis(250));
    let second = FileStore::open(options).unwrap();
    assert_eq!(second.opened().await, Err(StoreError::Locked));
    let message = StoreError::Locked.to_string();
    assert!(message.contains("AAD_STATE_DIR") && message.contains("redis"));
}

#[tokio::test]
async fn refuses_a_damaged_file_and_leaves_it_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.redb");
    let store = open(&good).await;
    for n in 0..300 {
        store.create(&key(n), &[7; 2000], HOUR).await.unwrap();
    }
    drop(store);
    let bytes = fs::read(&good).unwrap();
    let mut scribbled = bytes.clone();
    let middle = bytes.len() / 2;
    scribbled[4096..middle].fill(0x5A);
    let damaged: [(&str, &[u8]); 5] = [
        ("empty", b""),
        ("text", b"these are not the sessions you are looking for"),
        ("zeros", &vec![0; bytes.len()]),
        ("cut", &bytes[..middle]),
        ("scribbled", &scribbled),
    ];
    for (name, content) in damaged {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let store = FileStore::open(FileOptions::new(&path)).unwrap();
        assert_eq!(store.opened().await, Err(StoreError::Corrupt), "{name}");
        let failed = StoreHealth::Failed(StoreError::Corrupt);
        assert_eq!(store.health().await, failed, "{name}");
        let creation = store.create(&key(1), b"x", HOUR).await;
        assert_eq!(creation, Err(StoreError::Corrupt), "{name}");
        drop(store);
        assert!(fs::read(&path).unwrap() == content, "{name} was changed");
    }
}

#[tokio::test]
async fn refuses_a_file_of_a_newer_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    drop(open(&path).await);
    let database = redb::Database::open(&path).unwrap();
    let write = database.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    write.open_table(meta).unwrap().insert("format", 2).unwrap();
    write.commit().unwrap();
    drop(database);
    let store = FileStore::open(FileOptions::new(&path)).unwrap();
    assert_eq!(store.opened().await, Err(StoreError::Corrupt));
}

#[tokio::test]
async fn refuses_a_folder_it_cannot_create() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/inside/sessions.redb");
    let store = FileStore::open(FileOptions::new(path)).unwrap();
    assert_eq!(store.opened().await, Err(StoreError::Denied));
}

#[tokio::test]
async fn a_full_store_refuses_until_records_expire() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let store = open_with(&folder.path().join("s.redb"), |options| {
        options.clock(Arc::new(clock.clone())).capacity(100_000)
    })
    .await;
    let mut created = 0;
    let refusal = loop {
        match store.create(&key(created), &[7; 1000], HOUR).await {
            Ok(_) => created += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal, StoreError::Full);
    for n in 0..created {
        assert!(store.get(&key(n)).await.unwrap().is_some(), "{n}");
    }
    clock.advance(HOUR);
    let after = store.create(&key(9999), &[7; 1000], HOUR).await.unwrap();
    assert!(matches!(after, Created::Written(_)));
}

#[tokio::test]
async fn everything_that_expires_is_swept_and_the_file_shrinks_at_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.redb");
    let clock = clock();
    let store = open_with(&path, |options| options.clock(Arc::new(clock.clone()))).await;
    let creations = (0..3000).map(|n| {
        let store = &store;
        async move {
            let key = key(n);
            store.create(&key, &[7; 8000], HOUR).await.unwrap();
            store.index_put(&key, "m", b"x", HOUR).await.unwrap();
            store.touch(&key, 2 * HOUR).await.unwrap();
        }
    });
    futures_util::future::join_all(creations).await;
    let grown = fs::metadata(&path).unwrap().len();
    assert!(grown > 3000 * 8000, "{grown}");
    clock.advance(HOUR);
    store.create(&key(9999), b"kept", 9 * HOUR).await.unwrap();
    clock.advance(2 * HOUR);
    // The idle keeper looks every five seconds; a change makes it look at once.
    for _ in 0..200 {
        store.touch(&key(9999), 9 * HOUR).await.unwrap();
        if store.stats().records == Some(1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stats = store.stats();
    assert_eq!((stats.records, stats.expired), (Some(1), 6000));
    store.close().await.unwrap();
    let shrunk = fs::metadata(&path).unwrap().len();
    assert!(shrunk < grown / 8, "{grown} → {shrunk}");
    drop(store);
    let store = open_with(&path, |options| options.clock(Arc::new(clock))).await;
    assert!(store.get(&key(9999)).await.unwrap().is_some());
}

#[tokio::test]
async fn concurrent_changes_share_their_flushes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("s.redb")).await;
    let before = store.stats().commits;
    let creations = (0..500).map(|n| {
        let store = &store;
        async move { store.create(&key(n), b"x", HOUR).await.unwrap() }
    });
    futures_util::future::join_all(creations).await;
    let commits = store.stats().commits - before;
    assert!(commits <= 20, "{commits} flushes for 500 changes");
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("s.redb")).await;
    store.create(&key(1), b"x", HOUR).await.unwrap();
    let before = store.stats().commits;
    store.create(&key(1), b"x", HOUR).await.unwrap();
    store.touch(&key(2), HOUR).await.unwrap();
    store.delete(&key(2)).await.unwrap();
    store.index_remove(&key(2), "m").await.unwrap();
    assert_eq!(store.stats().commits, before);
}

pub async fn open(path: &Path) -> FileStore {
    open_with(path, |options| options).await
}

async fn open_with(path: &Path, set: impl FnOnce(FileOptions) -> FileOptions) -> FileStore {
    let store = FileStore::open(set(FileOptions::new(path))).unwrap();
    store.opened().await.unwrap();
    store
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_seconds(1_800_000_000))
}

fn key(n: usize) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
