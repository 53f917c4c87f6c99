//! A disk without room: writing fails, reading goes on, and once there is room all is well.
//!
//! The disk is a limit on the size of files, which Linux can lift while the process runs. No reserve
//! helps against it: each write that needs a larger file fails in redb. What a full disk does is in
//! the `sign_in` tests (`full_disk`).

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aad_auth::store::{FileOptions, FileStore, Key, Store, StoreError, StoreHealth};

const DAY: Duration = Duration::from_secs(24 * 3600);
const CHILD: &str = "AAD_TEST_FULL_DISK";
const LIMITED: &str = "trap '' XFSZ; ulimit -S -f 8192; exec \"$0\" \"$@\"";

#[test]
fn a_full_disk_refuses_writing_keeps_reading_and_recovers() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("IGNORED: this test needs prlimit (util-linux)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", LIMITED])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full_disk::child", "--nocapture"])
        .env(CHILD, folder.path().join("private/s.redb"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut saw = |word: &str| {
        lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line == word)
    };
    assert!(saw("still reading"), "the child failed");
    let lifted = Command::new("prlimit")
        .args(["--pid", &child.id().to_string(), "--fsize=unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    assert!(saw("recovered"), "the child failed");
    assert!(child.wait().unwrap().success());
}

/// The process whose disk is full: not a test by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it talks to its parent"
)]
async fn child() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    // A small cache: reading must go to the file.
    let options = FileOptions::new(path)
        .disk_reserve(1 << 20)
        .cache(256 << 10);
    let store = Arc::new(FileStore::open(options).unwrap());
    store.opened().await.unwrap();
    store.create(&key(0), &[7; 8000], DAY).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read_on(Arc::clone(&store), Arc::clone(&stop)));
    let mut created = 1;
    let refusal = loop {
        match store.create(&key(created), &[7; 8000], DAY).await {
            Ok(_) => created += 1,
            Err(refusal) => break refusal,
        }
    };
    assert!(created > 50, "{created}");
    assert!(refusal.is_transient(), "{refusal:?}");
    // Each of these meets the full disk again, or is refused because of it.
    for n in 0..30 {
        let late = key(created + 2_000_000 + n);
        assert!(store.create(&late, &[7; 200_000], DAY).await.is_err());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let said = format!("{:?}", store.health().await);
    assert!(said.contains("disk of the session store is full"), "{said}");
    println!("\nstill reading");
    let more = key(created + 1_000_000);
    eventually(async || store.create(&more, &[7; 200_000], DAY).await.is_ok()).await;
    for n in 0..created {
        assert!(store.get(&key(n)).await.unwrap().is_some(), "{n} is lost");
    }
    eventually(async || store.health().await == StoreHealth::Ready).await;
    stop.store(true, Ordering::SeqCst);
    assert!(reader.await.unwrap() > 100);
    println!("\nrecovered");
}

/// Reads without a pause; never in vain.
async fn read_on(store: Arc<FileStore>, stop: Arc<AtomicBool>) -> usize {
    let mut reads = 0;
    while !stop.load(Ordering::SeqCst) {
        let read = store.get(&key(0)).await;
        assert!(read.unwrap().is_some());
        reads += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    reads
}

async fn eventually(condition: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition().await {
        assert!(Instant::now() < deadline, "{:?}", StoreError::Unavailable);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn key(n: usize) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
