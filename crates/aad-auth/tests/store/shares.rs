//! Shares of a store's capacity: counted right, whatever happens to process and file.

use std::{path::Path, sync::Arc, time::Duration};

use aad_auth::{
    internals::store::APPLICATION_DATA_PART,
    store::{
        FileOptions, FileStore, Key, MAX_VALUE, MemoryStore, Store, StoreError, StoreHealth,
        SystemClock, Updated,
    },
};
use redb::ReadableDatabase;

const HOUR: Duration = Duration::from_secs(3600);
const CAPACITY: u64 = 1024 * 1024;

fn key(kind: &str, n: usize) -> Key {
    Key::new(format!("label:{kind}:{n}")).unwrap()
}

/// Both bounded stores, of the same capacity.
async fn stores(folder: &Path) -> [Arc<dyn Store>; 2] {
    let memory = MemoryStore::with_capacity(Arc::new(SystemClock), CAPACITY);
    [Arc::new(memory), Arc::new(file(folder).await)]
}

async fn file(folder: &Path) -> FileStore {
    let options = FileOptions::new(folder.join("private/s.redb")).capacity(CAPACITY);
    let store = FileStore::open(options).unwrap();
    store.opened().await.unwrap();
    store
}

/// Creates records of a kind until one is refused, and tells how many there are.
async fn fill(store: &dyn Store, kind: &str, size: usize) -> usize {
    for n in 0..100_000 {
        match store.create(&key(kind, n), &vec![7; size], HOUR).await {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!(refusal, StoreError::Full);
                return n;
            }
        }
    }
    panic!("never full")
}

async fn warning(store: &dyn Store) -> String {
    match store.health().await {
        StoreHealth::Ready => String::new(),
        StoreHealth::Degraded(sentence) => sentence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn w5_application_data_is_refused_beyond_its_quarter_and_sign_ins_go_on() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()).await {
        let written = fill(&*store, "a", 4000).await;
        let bytes = 4000 * written as u64;
        let quarter = CAPACITY / APPLICATION_DATA_PART;
        assert!(bytes <= quarter && bytes > quarter * 8 / 10, "{bytes}");
        let said = warning(&*store).await;
        assert!(said.contains("application's own data"), "{said}");
        assert!(!said.contains("sign-ins are refused"), "{said}");
        // The other three quarters are the sign-ins', and what is there can be changed.
        let sessions = fill(&*store, "s", 4000).await;
        assert!(sessions as u64 * 4000 > CAPACITY * 6 / 10, "{sessions}");
        let said = warning(&*store).await;
        assert!(said.contains("sign-ins are refused"), "{said}");
        // Application data never takes what a sign-in gives back beyond its own quarter.
        assert!(store.delete(&key("s", 0)).await.unwrap());
        let more = store.create(&key("a", 99_999), &[7; 4000], HOUR).await;
        assert_eq!(more, Err(StoreError::Full), "{}", store.kind());
        store.create(&key("s", 0), &[7; 4000], HOUR).await.unwrap();
    }
}

#[tokio::test]
async fn w13_a_store_that_fills_up_is_not_ready_from_nine_tenths_on_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()).await {
        let most = fill(&*store, "s", 4000).await;
        assert!(warning(&*store).await.contains("is full"));
        for n in 0..most / 20 {
            store.delete(&key("s", n)).await.unwrap();
        }
        store.create(&key("s", 0), &[7; 4000], HOUR).await.unwrap();
        assert!(warning(&*store).await.contains("90 %"), "{}", store.kind());
        for n in 0..most / 5 {
            store.delete(&key("s", n)).await.unwrap();
        }
        assert_eq!(store.health().await, StoreHealth::Ready);
    }
}

#[tokio::test]
async fn w19_a_full_store_takes_marks_deletions_and_changes_that_do_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()).await {
        let set = key("i", 0);
        store.index_put(&set, "member", b"one", HOUR).await.unwrap();
        fill(&*store, "s", 4000).await;
        fill(&*store, "s-small", 0).await;
        // Used-up logout tokens and revocation marks have room of their own.
        for kind in ["r", "all", "j"] {
            store.create(&key(kind, 0), &[7; 8], HOUR).await.unwrap();
        }
        fill(&*store, "r-and-nothing-else", 0).await;
        let record = store.get(&key("s", 0)).await.unwrap().unwrap();
        let changed = key("s", 0);
        let update = store.update(&changed, record.version, &[8; 4000], HOUR);
        assert!(matches!(update.await.unwrap(), Updated::Written(_)));
        store.index_put(&set, "member", b"two", HOUR).await.unwrap();
        assert!(store.touch(&key("s", 1), 2 * HOUR).await.unwrap());
        assert!(store.index_remove(&set, "member").await.unwrap());
        assert!(store.delete(&key("s", 0)).await.unwrap());
    }
}

/// What the file's `meta` table holds under a name.
fn meta(path: &Path, name: &str) -> Option<u64> {
    let database = redb::Database::open(path).unwrap();
    let read = database.begin_read().unwrap();
    let table = read
        .open_table(redb::TableDefinition::<&str, u64>::new("meta"))
        .unwrap();
    table.get(name).unwrap().map(|value| value.value())
}

fn set_meta(path: &Path, values: &[(&str, Option<u64>)]) {
    let database = redb::Database::open(path).unwrap();
    let write = database.begin_write().unwrap();
    {
        let definition = redb::TableDefinition::<&str, u64>::new("meta");
        let mut table = write.open_table(definition).unwrap();
        for (name, value) in values {
            match value {
                Some(value) => drop(table.insert(name, value).unwrap()),
                None => drop(table.remove(name).unwrap()),
            }
        }
    }
    write.commit().unwrap();
}

#[tokio::test]
async fn application_data_is_counted_over_restarts_and_in_a_file_of_an_older_release() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/s.redb");
    let store = file(folder.path()).await;
    for n in 0..20 {
        store.create(&key("a", n), &[7; 1000], HOUR).await.unwrap();
        store.create(&key("s", n), &[7; 1000], HOUR).await.unwrap();
        store
            .index_put(&key("a", n), "m", b"x", HOUR)
            .await
            .unwrap();
    }
    for n in 0..5 {
        store.delete(&key("a", n)).await.unwrap();
        store.index_remove(&key("a", n), "m").await.unwrap();
    }
    let counted = store.stats().application_bytes.unwrap();
    assert!((15_000..25_000).contains(&counted), "{counted}");
    store.close().await.unwrap();
    drop(store);
    let total = meta(&path, "bytes").unwrap();
    // As it is; as an older release made it; as one left it that has changed the total since.
    for changes in [
        vec![],
        vec![("application", None), ("application of", None)],
        vec![
            ("application", Some(7)),
            ("application of", Some(total - 1)),
        ],
    ] {
        set_meta(&path, &changes);
        let store = file(folder.path()).await;
        assert_eq!(
            store.stats().application_bytes,
            Some(counted),
            "{changes:?}"
        );
        store.close().await.unwrap();
        drop(store);
        assert_eq!(meta(&path, "application"), Some(counted));
        assert_eq!(meta(&path, "bytes"), Some(total));
    }
}

#[tokio::test]
async fn a_quarter_is_kept_by_records_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    for size in [0, 100, 60_000, MAX_VALUE] {
        let capacity = 4 * CAPACITY;
        let memory = MemoryStore::with_capacity(Arc::new(SystemClock), capacity);
        let written = fill(&memory, "a", size).await;
        assert!(written > 0 && memory.stats().application_bytes.unwrap() <= CAPACITY);
        let options = FileOptions::new(folder.path().join(format!("{size}.redb")));
        let store = FileStore::open(options.capacity(capacity / 16)).unwrap();
        store.opened().await.unwrap();
        if size < 60_000 {
            fill(&store, "a", size).await;
            assert!(store.stats().application_bytes.unwrap() <= CAPACITY / 16);
        }
    }
}
