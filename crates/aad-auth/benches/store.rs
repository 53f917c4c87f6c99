//! What one operation costs in each store, and whether that stays flat as the store grows.
//!
//! `cargo bench -p aad-auth --features testing,redis --bench store`, with a filter such as
//! `get/file` for a part. The redis part needs `redis-server` on the PATH.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a benchmark stops at the first surprise"
)]

use std::{
    cell::OnceCell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aad_auth::{
    internals::secret::Secret,
    store::{
        FileOptions, FileStore, Key, MemoryStore, RedisOptions, RedisStore, Store, SystemClock,
        Updated,
    },
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use tokio::runtime::Runtime;

#[path = "../tests/support/redis.rs"]
mod support;

const DAY: Duration = Duration::from_secs(24 * 3600);
const VALUE: [u8; 1024] = [7; 1024];
const AT_ONCE: u64 = 64;

/// A filled store, with what it needs to live.
struct Filled {
    store: Arc<dyn Store>,
    size: u64,
    next: AtomicU64,
    _folder: Option<tempfile::TempDir>,
    _server: Option<support::RedisServer>,
}

impl Filled {
    fn new(runtime: &Runtime, kind: &str, size: u64) -> Option<Self> {
        let (mut folder, mut server) = (None, None);
        let store: Arc<dyn Store> = match kind {
            "memory" => Arc::new(MemoryStore::with_capacity(Arc::new(SystemClock), u64::MAX)),
            "file" => {
                let place = tempfile::tempdir().unwrap();
                let path = place.path().join("s.redb");
                let store = FileStore::open(FileOptions::new(path)).unwrap();
                runtime.block_on(store.opened()).unwrap();
                folder = Some(place);
                Arc::new(store)
            }
            _ => {
                let started = support::RedisServer::start()?;
                let options = RedisOptions::new(Secret::from(started.url()));
                server = Some(started);
                Arc::new(RedisStore::open(&options).unwrap())
            }
        };
        let filled = Self {
            store,
            size,
            next: AtomicU64::new(size),
            _folder: folder,
            _server: server,
        };
        for first in (0..size).step_by(1000) {
            let creations = (first..size.min(first + 1000)).map(|n| filled.create(n));
            runtime.block_on(join_all(creations));
        }
        Some(filled)
    }

    async fn create(&self, n: u64) {
        self.store.create(&key(n), &VALUE, DAY).await.unwrap();
    }

    async fn create_next(&self) {
        self.create(self.next.fetch_add(1, Ordering::Relaxed)).await;
    }

    /// Some key of those it was filled with, scattered.
    fn some_key(&self) -> Key {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        key(turn.wrapping_mul(0x2545_F491_4F6C_DD1D) % self.size)
    }

    async fn get(&self) {
        assert!(self.store.get(&self.some_key()).await.unwrap().is_some());
    }

    async fn update(&self) {
        let key = self.some_key();
        let record = self.store.get(&key).await.unwrap().unwrap();
        let updated = self.store.update(&key, record.version, &VALUE, DAY).await;
        assert!(matches!(updated.unwrap(), Updated::Written(_)));
    }

    async fn touch(&self) {
        assert!(self.store.touch(&self.some_key(), DAY).await.unwrap());
    }
}

fn operations(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let subjects: [(&str, &[u64]); 3] = [
        ("memory", &[1_000, 100_000, 1_000_000]),
        ("file", &[1_000, 100_000, 1_000_000]),
        ("redis", &[1_000]),
    ];
    for (kind, sizes) in subjects {
        for &size in sizes {
            one_store(criterion, &runtime, kind, size);
        }
    }
}

fn one_store(criterion: &mut Criterion, runtime: &Runtime, kind: &str, size: u64) {
    // Filled only when the filter selects it.
    let cell = OnceCell::new();
    let filled = || {
        cell.get_or_init(|| Filled::new(runtime, kind, size))
            .as_ref()
    };
    macro_rules! bench {
        ($name:literal, $method:ident, $at_once:expr) => {
            let mut group = criterion.benchmark_group($name);
            group
                .sample_size(10)
                .measurement_time(Duration::from_secs(2));
            group.throughput(Throughput::Elements($at_once));
            group.bench_function(BenchmarkId::new(kind, size), |bencher| {
                let Some(filled) = filled() else { return };
                bencher.iter_custom(|rounds| {
                    let begun = Instant::now();
                    runtime.block_on(async {
                        for _ in 0..rounds {
                            join_all((0..$at_once).map(|_| filled.$method())).await;
                        }
                    });
                    begun.elapsed()
                });
            });
            group.finish();
        };
    }
    bench!("get", get, 1);
    bench!("touch", touch, 1);
    bench!("update", update, 1);
    bench!("create", create_next, 1);
    bench!("create at once", create_next, AT_ONCE);
}

/// As long as real keys (label, kind, digest), and as scattered.
fn key(n: u64) -> Key {
    let scattered = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Key::new(format!("0123456789abcdefghijkl:s:{scattered:016x}{n:027}")).unwrap()
}

criterion_group!(benches, operations);
criterion_main!(benches);
