//! Sessions that begin and end without pause while servers are moved, killed and replaced.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aad_auth::store::{Created, Key, Store, StoreError, Updated};

const HOUR: Duration = Duration::from_secs(3600);
const WRITERS: usize = 4;

/// Writers that work until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<tokio::task::JoinHandle<Seen>>,
}

/// What the store has acknowledged.
#[derive(Default)]
pub struct Seen {
    /// With what was written last; `None` where the answer to a change was lost.
    pub live: Vec<(Key, Option<&'static [u8]>)>,
    pub ended: Vec<Key>,
    /// Operations that were answered with 503 to the user. Whether they happened is unknown.
    pub refused: usize,
}

impl Load {
    /// Begins; `name` tells this load's keys from those of others.
    pub fn begin(store: &Arc<dyn Store>, name: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let writers = (0..WRITERS).map(|writer| {
            let (store, stop) = (Arc::clone(store), Arc::clone(&stop));
            let name = format!("label:s:{name}-{writer}");
            tokio::spawn(async move {
                let mut seen = Seen::default();
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = Key::new(format!("{name}-{number}")).unwrap();
                    if session(&*store, &key, number % 3 == 0, &mut seen)
                        .await
                        .is_err()
                    {
                        seen.refused += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                seen
            })
        });
        Self {
            writers: writers.collect(),
            stop,
        }
    }

    /// Ends, and tells what was acknowledged.
    pub async fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for writer in self.writers {
            let seen = writer.await.unwrap();
            all.live.extend(seen.live);
            all.ended.extend(seen.ended);
            all.refused += seen.refused;
        }
        all
    }
}

/// One session: begun, changed, looked up, and ended where `ends`.
async fn session(
    store: &dyn Store,
    key: &Key,
    ends: bool,
    seen: &mut Seen,
) -> Result<(), StoreError> {
    let Created::Written(version) = only_away(store.create(key, b"one", HOUR).await)? else {
        panic!("a record that nobody has written")
    };
    seen.live.push((key.clone(), None));
    match only_away(store.update(key, version, b"two", HOUR).await)? {
        Updated::Written(_) => {
            seen.live.pop();
            seen.live.push((key.clone(), Some(b"two")));
        }
        other => panic!("{other:?}"),
    }
    assert!(only_away(store.get(key).await)?.is_some(), "lost at once");
    if ends {
        seen.live.pop();
        only_away(store.delete(key).await)?;
        seen.ended.push(key.clone());
    }
    Ok(())
}

/// A store may be away for a time. It has no other excuse.
fn only_away<T>(outcome: Result<T, StoreError>) -> Result<T, StoreError> {
    if let Err(error) = &outcome {
        assert_eq!(*error, StoreError::Unavailable);
    }
    outcome
}

impl Seen {
    /// Checks that what was acknowledged holds.
    pub async fn check(&self, store: &dyn Store) {
        for (key, value) in &self.live {
            let found = store.get(key).await.unwrap();
            let found = found.expect("an acknowledged session is lost");
            assert!(value.is_none_or(|value| *value == *found.value));
        }
        for key in &self.ended {
            assert!(
                store.get(key).await.unwrap().is_none(),
                "an ended session is back"
            );
        }
        eprintln!(
            "{} live, {} ended, {} refused",
            self.live.len(),
            self.ended.len(),
            self.refused
        );
    }
}

/// Waits until the store serves everything again.
pub async fn ready(store: &dyn Store) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while store.health().await != aad_auth::store::StoreHealth::Ready {
        assert!(
            std::time::Instant::now() < deadline,
            "{:?}",
            store.health().await
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
