//! `kill -9` at random moments: no acknowledged sign-in is lost, no acknowledged sign-out comes
//! back.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aad_auth::{
    random::{SystemRandom, bytes, token},
    secret::Secret,
    store::{FileOptions, FileStore, Key, RedisOptions, RedisStore, Store, StoreError},
};

use crate::support::RedisServer;

const ACKNOWLEDGED: usize = 1000;
const WRITERS: usize = 8;
const DAY: Duration = Duration::from_secs(24 * 3600);
const CHILD: &str = "AAD_TEST_KILLED_STORE";

/// What is known of one session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    SignedIn,
    /// Asked for, not acknowledged: either is right.
    SigningOut,
    SignedOut,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_and_resurrects_nothing_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/sessions.redb");
    let mut fates = BTreeMap::new();
    let (mut acknowledged, mut kills) = (0, 0);
    while acknowledged < ACKNOWLEDGED || kills < 20 {
        acknowledged += run_and_kill(&path, &mut fates);
        kills += 1;
        let store = FileStore::open(FileOptions::new(&path)).unwrap();
        store.opened().await.unwrap();
        check(&store, &fates).await;
    }
    let survivors = fates.values().filter(|fate| **fate == Fate::SignedIn);
    assert!(survivors.count() > ACKNOWLEDGED / 10, "a test of nothing");
    eprintln!("file: {acknowledged} acknowledged changes, {kills} kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_and_resurrects_nothing() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let store = RedisStore::open(&RedisOptions::new(Secret::from(server.url()))).unwrap();
    let fates = Mutex::new(BTreeMap::new());
    let (acknowledged, mut kills) = (AtomicUsize::new(0), 0);
    while acknowledged.load(Ordering::SeqCst) < ACKNOWLEDGED || kills < 5 {
        let stop = AtomicBool::new(false);
        let tell = |session: &str, fate| {
            acknowledged.fetch_add(usize::from(fate != Fate::SigningOut), Ordering::SeqCst);
            fates.lock().unwrap().insert(session.to_owned(), fate);
        };
        let writers = (0..WRITERS).map(|_| work(&store, &stop, &tell));
        let killer = async {
            tokio::time::sleep(random_pause(400)).await;
            server.kill();
            stop.store(true, Ordering::SeqCst);
        };
        futures_util::future::join(futures_util::future::join_all(writers), killer).await;
        kills += 1;
        server.resume();
        while !store.health().await.is_usable() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let fates = fates.lock().unwrap().clone();
        check(&store, &fates).await;
    }
    eprintln!("redis: {acknowledged:?} acknowledged changes, {kills} kills");
}

/// The process that is killed: not a test by itself.
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
    let store = FileStore::open(FileOptions::new(path)).unwrap();
    store.opened().await.unwrap();
    let tell = |session: &str, fate| println!("\n{fate:?} {session} .");
    let never = AtomicBool::new(false);
    let writers = (0..WRITERS).map(|_| work(&store, &never, &tell));
    futures_util::future::join_all(writers).await;
}

/// Signs in and out until stopped, and tells what was acknowledged.
async fn work(store: &dyn Store, stop: &AtomicBool, tell: &impl Fn(&str, Fate)) {
    while !stop.load(Ordering::SeqCst) {
        let session = token::<16>(&SystemRandom);
        if sign_in(store, &session).await.is_err() {
            continue;
        }
        tell(&session, Fate::SignedIn);
        if bytes::<1>(&SystemRandom)[0] < 128 {
            tell(&session, Fate::SigningOut);
            if store.delete(&key(&session)).await.is_ok() {
                tell(&session, Fate::SignedOut);
            }
        }
    }
}

async fn sign_in(store: &dyn Store, session: &str) -> Result<(), StoreError> {
    store
        .index_put(&set(session), session, b"handle", DAY)
        .await?;
    store.create(&key(session), session.as_bytes(), DAY).await?;
    Ok(())
}

/// Everything acknowledged is as it was acknowledged, also the index that was written before.
async fn check(store: &dyn Store, fates: &BTreeMap<String, Fate>) {
    for (session, fate) in fates {
        let value = store.get(&key(session)).await.unwrap();
        match fate {
            Fate::SignedIn => assert_eq!(&*value.unwrap().value, session.as_bytes()),
            Fate::SignedOut => assert!(value.is_none(), "{session} came back"),
            Fate::SigningOut => {}
        }
        let members = store.index_list(&set(session)).await.unwrap();
        assert!(members.iter().any(|member| &member.name == session));
    }
}

/// Runs the child, kills it at a random moment, and returns how much it had acknowledged.
fn run_and_kill(path: &Path, fates: &mut BTreeMap<String, Fate>) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The clock of the killer starts with the first acknowledgement.
    let mut acknowledged = usize::from(note(lines.by_ref(), fates));
    let killer = std::thread::spawn(move || {
        std::thread::sleep(random_pause(250));
        child.kill().unwrap();
        child.wait().unwrap();
    });
    while note(lines.by_ref(), fates) {
        acknowledged += 1;
    }
    killer.join().unwrap();
    acknowledged
}

/// Reads up to the next acknowledgement; false at the end.
fn note(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
    fates: &mut BTreeMap<String, Fate>,
) -> bool {
    for line in lines.map_while(Result::ok) {
        let words: Vec<_> = line.split(' ').collect();
        let &[fate, session, "."] = words.as_slice() else {
            continue;
        };
        let fate = match fate {
            "SignedIn" => Fate::SignedIn,
            "SigningOut" => Fate::SigningOut,
            "SignedOut" => Fate::SignedOut,
            _ => continue,
        };
        fates.insert(session.to_owned(), fate);
        if fate != Fate::SigningOut {
            return true;
        }
    }
    false
}

fn random_pause(most: u64) -> Duration {
    Duration::from_millis(u64::from_le_bytes(bytes(&SystemRandom)) % most)
}

fn key(session: &str) -> Key {
    Key::new(format!("label:session:{session}")).unwrap()
}

fn set(session: &str) -> Key {
    let slot: String = session.chars().take(1).collect();
    Key::new(format!("label:user:{slot}")).unwrap()
}
