//! `kill -9` at random moments: no acknowledged sign-in is lost, no acknowledged sign-out comes
//! back. Whole sign-ins, with record, tokens and indexes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aad_auth::{
    Sub, UserKey,
    internals::{
        random::{SystemRandom, bytes},
        seal::{InstanceLabel, Keys},
        secret::Secret,
        session::{NewSession, SessionId, Sessions, TokenSet},
        session_limits,
    },
    session::UserSnapshot,
    store::{Clock, FileOptions, FileStore, Key, RedisOptions, RedisStore, Store, SystemClock},
};

use redb::{ReadableDatabase, ReadableTable};

use crate::support::RedisServer;

const ACKNOWLEDGED: usize = 1000;
const WRITERS: usize = 8;
const DAY: Duration = Duration::from_secs(24 * 3600);
const CHILD: &str = "AAD_TEST_KILLED_STORE";
const READ_WHOLE: &str = "AAD_TEST_READ_WHOLE";

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
    kill_again_and_again(u64::MAX).await;
}

/// What is written into a file, and how it is opened, changes with its size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_and_resurrects_nothing_in_a_large_file_or_one_that_grows_large() {
    kill_again_and_again(0).await;
    let bound = 900 * 1024;
    let (first, last) = kill_again_and_again(bound).await;
    assert!(
        first < bound && bound < last,
        "it did not grow across: {first}, {last}"
    );
}

/// Tells how long the file was after the first kill, and after the last.
async fn kill_again_and_again(read_whole: u64) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/sessions.redb");
    let mut fates = BTreeMap::new();
    let (mut acknowledged, mut kills) = (0, 0);
    let mut lengths = Vec::new();
    while acknowledged < ACKNOWLEDGED || kills < 20 {
        acknowledged += run_and_kill(&path, read_whole, &mut fates);
        kills += 1;
        lengths.push(std::fs::metadata(&path).unwrap().len());
        let store = FileStore::open(FileOptions::new(&path).read_whole(read_whole)).unwrap();
        store.opened().await.unwrap();
        let sessions = sessions(Arc::new(store));
        check(&sessions, &fates).await;
        sessions.store().close().await.unwrap();
        drop(sessions);
        count_again(&path);
    }
    let survivors = fates.values().filter(|fate| **fate == Fate::SignedIn);
    assert!(survivors.count() > ACKNOWLEDGED / 10, "a test of nothing");
    eprintln!("file: {lengths:?} bytes, {acknowledged} acknowledged changes, {kills} kills");
    (lengths[0], lengths[lengths.len() - 1])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_and_resurrects_nothing() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let store = RedisStore::open(&RedisOptions::new(Secret::from(server.url()))).unwrap();
    let sessions = sessions(Arc::new(store));
    let fates = Mutex::new(BTreeMap::new());
    let (acknowledged, mut kills) = (AtomicUsize::new(0), 0);
    while acknowledged.load(Ordering::SeqCst) < ACKNOWLEDGED || kills < 5 {
        let stop = AtomicBool::new(false);
        let tell = |session: &str, fate| {
            acknowledged.fetch_add(usize::from(fate != Fate::SigningOut), Ordering::SeqCst);
            fates.lock().unwrap().insert(session.to_owned(), fate);
        };
        let writers = (0..WRITERS).map(|_| work(&sessions, &stop, &tell));
        let killer = async {
            tokio::time::sleep(random_pause(400)).await;
            server.kill();
            stop.store(true, Ordering::SeqCst);
        };
        futures_util::future::join(futures_util::future::join_all(writers), killer).await;
        kills += 1;
        server.resume();
        while !sessions.store().health().await.is_usable() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let fates = fates.lock().unwrap().clone();
        check(&sessions, &fates).await;
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
    let read_whole = std::env::var(READ_WHOLE).unwrap().parse().unwrap();
    let store = FileStore::open(FileOptions::new(path).read_whole(read_whole)).unwrap();
    store.opened().await.unwrap();
    let tell = |session: &str, fate| println!("\n{fate:?} {session} .");
    let never = AtomicBool::new(false);
    let sessions = sessions(Arc::new(store));
    let writers = (0..WRITERS).map(|_| work(&sessions, &never, &tell));
    futures_util::future::join_all(writers).await;
}

/// Signs in and out until stopped, and tells what was acknowledged.
async fn work(sessions: &Sessions, stop: &AtomicBool, tell: &impl Fn(&str, Fate)) {
    while !stop.load(Ordering::SeqCst) {
        let Ok(Some(session)) = sessions.create(sign_in()).await else {
            continue;
        };
        let cookie = session.id().to_cookie();
        tell(&cookie, Fate::SignedIn);
        let data = Key::new(format!("label:a:{}", &cookie[..20])).unwrap();
        let _refused_or_not = sessions.store().create(&data, &[7; 100], DAY).await;
        if bytes::<1>(&SystemRandom)[0] < 128 {
            tell(&cookie, Fate::SigningOut);
            let _refused_or_not = sessions.store().delete(&data).await;
            if sessions.end(&session).await.is_ok() {
                tell(&cookie, Fate::SignedOut);
            }
        }
    }
}

/// Of one of 64 users.
fn sign_in() -> NewSession {
    let key = UserKey::Subject {
        iss: "https://issuer.example".into(),
        sub: Sub::parse(&format!("user-{}", bytes::<1>(&SystemRandom)[0] % 64)).unwrap(),
    };
    let user = serde_json::json!({
        "key": key, "iss": "https://issuer.example", "sub": "subject", "name": null,
        "preferred_username": null, "email": null, "roles": ["Admin"],
        "groups": { "ids": [], "overage": false }, "scopes": [], "sid": null,
        "login_hint": null, "acrs": [], "auth_time": null,
    });
    let now = SystemClock.now();
    NewSession {
        user: serde_json::from_value::<UserSnapshot>(user).unwrap(),
        tokens: TokenSet {
            access_token: Some("an access token".into()),
            expires_at: now + DAY,
            scopes: vec!["openid".into()],
            refresh_token: Some("a refresh token".into()),
            id_token: None,
        },
        attempt_started: now,
        device: None,
        previous: None,
    }
}

/// As of a process that has just started: nothing is in its cache.
fn sessions(store: Arc<dyn Store>) -> Sessions {
    let label = InstanceLabel::new("https://issuer.example", "client", "/auth");
    let limits = session_limits(DAY, DAY, None);
    Sessions::new(
        store,
        Arc::new(Keys::new(&["secret"], label).unwrap()),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        limits,
    )
}

/// Everything acknowledged is as it was acknowledged, with its tokens, and can be found by its user.
async fn check(sessions: &Sessions, fates: &BTreeMap<String, Fate>) {
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (cookie, fate) in fates {
        let id = SessionId::parse(cookie.as_bytes()).unwrap();
        let session = sessions.load(&id).await.unwrap();
        match (fate, session) {
            (Fate::SignedIn, None) => panic!("an acknowledged sign-in is lost"),
            (Fate::SignedOut, Some(_)) => panic!("an acknowledged sign-out came back"),
            (Fate::SignedIn, Some(session)) => {
                assert!(sessions.vault().get(&session).await.unwrap().is_some());
                let user = &session.user().key;
                let name = serde_json::to_string(user).unwrap();
                if !listed.contains_key(&name) {
                    let entries = sessions.list(user).await.unwrap();
                    let handles = entries.into_iter().map(|entry| entry.handle).collect();
                    listed.insert(name.clone(), handles);
                }
                assert!(listed[&name].contains(session.handle()), "in no index");
            }
            _ => {}
        }
    }
}

/// The counts that the file keeps are those of its rows.
fn count_again(path: &Path) {
    let database = redb::Database::open(path).unwrap();
    let read = database.begin_read().unwrap();
    let records = redb::TableDefinition::<&str, &[u8]>::new("records");
    let members = redb::TableDefinition::<(&str, &str), &[u8]>::new("members");
    let (mut total, mut application) = (0, 0);
    let mut count = |key: &str, member: &str, row: usize| {
        // As `file/ledger.rs` has it: 24 bytes of the row are its head.
        let cost = 64 + 2 * (key.len() + member.len()) + row - 24;
        total += cost;
        application += if key.contains(":a:") { cost } else { 0 };
    };
    for entry in read.open_table(records).unwrap().iter().unwrap() {
        let (key, row) = entry.unwrap();
        count(key.value(), "", row.value().len());
    }
    for entry in read.open_table(members).unwrap().iter().unwrap() {
        let (key, row) = entry.unwrap();
        count(key.value().0, key.value().1, row.value().len());
    }
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    let meta = read.open_table(meta).unwrap();
    let kept = |name| meta.get(name).unwrap().unwrap().value() as usize;
    assert!(application > 0, "a test of nothing");
    assert_eq!((kept("bytes"), kept("application")), (total, application));
}

/// Runs the child, kills it at a random moment, and returns how much it had acknowledged.
fn run_and_kill(path: &Path, read_whole: u64, fates: &mut BTreeMap<String, Fate>) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--nocapture"])
        .env(CHILD, path)
        .env(READ_WHOLE, read_whole.to_string())
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
