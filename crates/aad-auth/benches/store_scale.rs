//! A million sessions: how long the file store takes to open after a clean stop and after
//! `kill -9`, and how much memory a session takes.
//!
//! `cargo bench -p aad-auth --features testing,redis --bench store_scale [-- <records>]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it prints figures, and stops at the first surprise"
)]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use aad_auth::store::{FileOptions, FileStore, Key, MemoryStore, Store, SystemClock};
use futures_util::future::join_all;

const DAY: Duration = Duration::from_secs(24 * 3600);
const VALUE: [u8; 1024] = [7; 1024];
/// The value of an idle session in the figure for memory: small, to show what comes with it.
const SMALL: [u8; 256] = [7; 256];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, path, ..] = arguments.as_slice()
        && word == "child"
    {
        return write_until_killed(Path::new(path)).await;
    }
    let numbers = arguments.iter().find_map(|word| word.parse().ok());
    let records = numbers.unwrap_or(1_000_000_u64);
    if arguments.iter().any(|word| word == "memory") {
        return memory(records).await;
    }
    // A process of its own: what is freed here would hide what is taken there.
    let mut child = Command::new(std::env::current_exe().unwrap());
    let memory = child.arg("memory").arg(records.to_string()).status();
    assert!(memory.unwrap().success());
    file(records).await;
}

async fn memory(records: u64) {
    let before = resident();
    let store = MemoryStore::with_capacity(Arc::new(SystemClock), u64::MAX);
    for n in 0..records {
        store.create(&key(n), &SMALL, DAY).await.unwrap();
    }
    let each = (resident() - before) / records;
    let own = (SMALL.len() + key(0).as_str().len()) as u64;
    let estimate = store.stats().bytes.unwrap() / records;
    println!(
        "memory: {each} bytes a record of {own} bytes: {} beside them; the store's own estimate {estimate}",
        each - own
    );
}

async fn file(records: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.redb");
    let before = resident();
    let store = open(&path, "new").await;
    let begun = Instant::now();
    for first in (0..records).step_by(1000) {
        join_all((first..first + 1000).map(|n| create(&store, n))).await;
    }
    println!(
        "file: filled with {records} records of {} bytes in {:?}",
        VALUE.len(),
        begun.elapsed()
    );
    println!(
        "file: {} MiB on disk, process {} MiB larger",
        fs::metadata(&path).unwrap().len() >> 20,
        (resident() - before) >> 20
    );
    let begun = Instant::now();
    store.close().await.unwrap();
    drop(store);
    println!("file: closed in {:?}", begun.elapsed());

    let store = open(&path, "after a clean stop").await;
    read(&store, records).await;
    change_one_by_one(&store, records).await;
    drop(store);

    for _ in 0..3 {
        kill_a_writer(&path);
        let store = open(&path, "after kill -9").await;
        read(&store, records).await;
    }
}

async fn open(path: &Path, when: &str) -> FileStore {
    let begun = Instant::now();
    let store = FileStore::open(FileOptions::new(path)).unwrap();
    let listening = begun.elapsed();
    store.opened().await.unwrap();
    println!(
        "file: open {when} in {:?} (listener free after {listening:?})",
        begun.elapsed()
    );
    store
}

async fn read(store: &FileStore, records: u64) {
    let mut times = Vec::new();
    for turn in 0..20_000_u64 {
        let key = key(turn.wrapping_mul(0x2545_F491_4F6C_DD1D) % records);
        let begun = Instant::now();
        assert!(store.get(&key).await.unwrap().is_some());
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "file: get of a random record: median {:?}, 99th percentile {:?}, worst {:?}",
        times[10_000], times[19_800], times[19_999]
    );
}

/// What a change costs that shares its flush with no other.
async fn change_one_by_one(store: &FileStore, records: u64) {
    const CHANGES: u64 = 500;
    let (begun, ticks) = (Instant::now(), cpu_ticks());
    for turn in 0..CHANGES {
        let key = key(turn.wrapping_mul(0x2545_F491_4F6C_DD1D) % records);
        assert!(store.touch(&key, DAY).await.unwrap());
    }
    let (wall, cpu) = (begun.elapsed(), cpu_ticks() - ticks);
    println!(
        "file: a change by itself: {:?}, of which {} µs of processor time",
        wall / u32::try_from(CHANGES).unwrap(),
        cpu * 10_000 / CHANGES
    );
}

/// Processor time of this process so far, in hundredths of a second.
fn cpu_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let times = fields.split(' ').skip(11).take(2);
    times.map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

fn kill_a_writer(path: &Path) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("child")
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.find(|line| line.as_ref().is_ok_and(|line| line == "writing"));
    std::thread::sleep(Duration::from_millis(700));
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn write_until_killed(path: &Path) {
    let store = FileStore::open(FileOptions::new(path)).unwrap();
    store.opened().await.unwrap();
    println!("writing");
    let own = u64::from(std::process::id()) << 32;
    for first in (own..).step_by(8) {
        join_all((first..first + 8).map(|n| create(&store, n))).await;
    }
}

async fn create(store: &FileStore, n: u64) {
    store.create(&key(n), &VALUE, DAY).await.unwrap();
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// As long as real keys (label, kind, digest), and as scattered.
fn key(n: u64) -> Key {
    let scattered = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Key::new(format!("0123456789abcdefghijkl:s:{scattered:016x}{n:027}")).unwrap()
}
