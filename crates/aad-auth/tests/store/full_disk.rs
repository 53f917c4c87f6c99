//! A disk without room: writing fails, reading goes on, and once there is room all is well.
//!
//! The disk is a limit on the size of files, which Linux can lift while the process runs.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
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
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it talks to its parent"
)]
async fn child() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    let store = FileStore::open(FileOptions::new(path)).unwrap();
    store.opened().await.unwrap();
    let mut created = 0;
    let refusal = loop {
        match store.create(&key(created), &[7; 8000], DAY).await {
            Ok(_) => created += 1,
            Err(refusal) => break refusal,
        }
    };
    assert!(created > 50, "{created}");
    assert!(refusal.is_transient(), "{refusal:?}");
    eventually(async || {
        store
            .get(&key(0))
            .await
            .is_ok_and(|record| record.is_some())
    })
    .await;
    println!("\nstill reading");
    let more = key(created + 1_000_000);
    eventually(async || store.create(&more, &[7; 200_000], DAY).await.is_ok()).await;
    for n in 0..created {
        assert!(store.get(&key(n)).await.unwrap().is_some(), "{n} is lost");
    }
    assert_eq!(store.health().await, StoreHealth::Ready);
    println!("\nrecovered");
}

async fn eventually(condition: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "{:?}", StoreError::Unavailable);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn key(n: usize) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
