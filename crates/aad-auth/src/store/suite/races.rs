//! Properties under concurrency.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{
    Subject,
    subject::{LONG, ok},
};
use crate::store_room::{Created, Key, Store, Updated};

const WRITERS: usize = 16;
const ROUNDS: usize = 25;

/// Of concurrent creations of one key exactly one is written, and its value stays.
pub async fn one_creation_wins(subject: &Subject) {
    for round in 0..ROUNDS {
        let key = subject.key(&format!("round-{round}"));
        let outcomes = concurrently(subject, &key, |store, key, writer| async move {
            let value = format!("writer {writer}").into_bytes();
            let created = ok(store.create(&key, &value, LONG).await);
            matches!(created, Created::Written(_)).then_some(value)
        });
        let winners: Vec<_> = outcomes.await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(subject.value(&key).await, winners.into_iter().next());
    }
}

/// Of concurrent updates of one version exactly one is written, and its value stays.
pub async fn one_update_wins_each_round(subject: &Subject) {
    let key = subject.key("a");
    let mut version = subject.create(&key, b"start", LONG).await;
    for round in 0..ROUNDS {
        let outcomes = concurrently(subject, &key, move |store, key, writer| async move {
            let value = format!("{round}/{writer}").into_bytes();
            match ok(store.update(&key, version, &value, LONG).await) {
                Updated::Written(version) => Some((version, value)),
                Updated::Conflict => None,
                Updated::Missing => unreachable!("a live record was reported missing"),
            }
        });
        let mut winners: Vec<_> = outcomes.await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {round}");
        let (next, value) = winners.remove(0);
        assert_eq!(subject.value(&key).await, Some(value));
        version = next;
    }
}

/// Writers that read, add one and compare-and-swap until they win lose no increment.
pub async fn no_increment_is_lost(subject: &Subject) {
    const EACH: usize = 10;
    let key = subject.key("a");
    subject.create(&key, b"0", LONG).await;
    concurrently(subject, &key, |store, key, _| async move {
        for _ in 0..EACH {
            while !increment(&*store, &key).await {}
        }
    })
    .await;
    let total = subject.value(&key).await;
    assert_eq!(total, Some((WRITERS * EACH).to_string().into_bytes()));
}

/// After a deletion has returned, no update or touch in flight restores the record.
pub async fn a_deleted_record_stays_deleted(subject: &Subject) {
    for round in 0..ROUNDS {
        let key = subject.key(&format!("round-{round}"));
        subject.create(&key, b"0", LONG).await;
        concurrently(subject, &key, |store, key, writer| async move {
            if writer == WRITERS / 2 {
                assert!(ok(store.delete(&key).await));
                assert!(ok(store.get(&key).await).is_none());
            } else if writer % 2 == 0 {
                ok(store.touch(&key, LONG).await);
            } else if ok(store.get(&key).await).is_some() {
                increment(&*store, &key).await;
            }
        })
        .await;
        assert_eq!(subject.value(&key).await, None, "round {round}");
    }
}

/// Tries to add one to a decimal. Returns false after a conflict, and true if the record is gone.
async fn increment(store: &dyn Store, key: &Key) -> bool {
    let Some(record) = ok(store.get(key).await) else {
        return true;
    };
    let text = std::str::from_utf8(&record.value).expect("a decimal");
    let next = text.parse::<usize>().expect("a decimal") + 1;
    let updated = store
        .update(key, record.version, next.to_string().as_bytes(), LONG)
        .await;
    ok(updated) != Updated::Conflict
}

/// Runs a task for each writer, all released at the same time.
async fn concurrently<T, F>(
    subject: &Subject,
    key: &Key,
    task: impl Fn(Arc<dyn Store>, Key, usize) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(WRITERS));
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let start = Arc::clone(&start);
            let work = task(Arc::clone(&subject.store), key.clone(), writer);
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let outcomes = join_all(tasks).await.into_iter();
    outcomes
        .map(|outcome| outcome.expect("a writer panicked"))
        .collect()
}
