//! W14, W15: the disk under the file store is full. A real small file system, in a mount namespace of
//! its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aad_auth::store::{FileOptions, FileStore, Store};

use crate::support::{ADA, Browser, Fleet, ROBIN};

const CHILD: &str = "AAD_TEST_SMALL_DISK";
/// What the sign-outs ask for, in turn.
const FORMS: [&str; 6] = ["", "", "", "", "", "scope=everywhere"];
/// Mounts a disk of 24 MiB; then runs the test binary.
const MOUNT: &str = "mount -t tmpfs -o size=24m,mode=0700 none \"$0\" && exec \"$@\"";

#[test]
fn w14_w15_a_full_disk_stops_sign_ins_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script]);
        command.arg(folder.path());
        command
    };
    let probe = unshare("mount -t tmpfs none \"$0\"").output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        let reason = "this test needs unshare (util-linux) and the right to mount in a namespace";
        assert!(std::env::var_os("AAD_TEST_ALL").is_none(), "{reason}");
        eprintln!("IGNORED: {reason}");
        return;
    }
    let status = unshare(MOUNT)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full_disk::child", "--nocapture"])
        .env(CHILD, folder.path())
        .status();
    assert!(status.unwrap().success());
}

/// The process whose disk becomes full: not a test by itself.
#[actix_web::test]
async fn child() {
    let Some(disk) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    let store = open(&disk).await;
    let handed = Arc::clone(&store) as Arc<dyn Store>;
    let fleet = Fleet::with(
        1,
        |source| source,
        |builder| builder.store(Arc::clone(&handed)),
    );
    fleet.users(ROBIN);
    let stays = signed_in(&fleet).await.unwrap();
    fleet.users(ADA);
    let mut users = Vec::new();
    for _ in 0..12 {
        users.push(signed_in(&fleet).await.unwrap());
    }
    assert!(fleet.apps[0].auth.status().await.degraded.is_empty());
    let reading = Arc::new(AtomicBool::new(true));
    let reader = read_on(&fleet, stays, Arc::clone(&reading));
    let faults = async {
        fill(&disk);
        refuses_sign_ins(&fleet).await;
        // An answer is remembered for a second.
        actix_web::rt::time::sleep(Duration::from_millis(1050)).await;
        let status = fleet.apps[0].auth.status().await;
        assert!(status.ready, "those who are signed in are served");
        let said = status.degraded.join(" ");
        assert!(
            said.contains("disk") && said.contains("AAD_STATE_DIR"),
            "{said}"
        );
        // One after the other; then the rest, everywhere.
        for (user, form) in users[..6].iter().zip(FORMS) {
            let page = user.post(&fleet.at(0, "/auth/sign_out"), form).await;
            assert!(page.leads_on(), "{page:?}");
            assert!(page.location().path().ends_with("/logout"), "{page:?}");
            assert_eq!(user.fetch(&fleet.at(0, "/app/x")).await.status, 401);
        }
        for user in &users {
            assert_eq!(user.fetch(&fleet.at(0, "/app/x")).await.status, 401);
        }
        fs::remove_file(disk.join("filler")).unwrap();
        eventually(async || signed_in(&fleet).await.is_some()).await;
        eventually(async || fleet.apps[0].auth.status().await.degraded.is_empty()).await;
        reading.store(false, Ordering::SeqCst);
    };
    let (reads, ()) = futures_util::join!(reader, faults);
    assert!(reads > 100, "{reads}");
    store.close().await.unwrap();
}

async fn open(disk: &Path) -> Arc<FileStore> {
    // A small cache: reading must go to the file.
    let options = FileOptions::new(disk.join("private/s.redb")).cache(256 * 1024);
    let store = FileStore::open(options).unwrap();
    store.opened().await.unwrap();
    Arc::new(store)
}

/// Another program writes until there is no room left.
fn fill(disk: &Path) {
    use std::io::Write;
    let mut filler = fs::File::create(disk.join("filler")).unwrap();
    while filler.write_all(&[7; 4096]).is_ok() {}
}

async fn signed_in(fleet: &Fleet) -> Option<Browser> {
    let browser = Browser::new();
    let page = browser.open(&fleet.at(0, "/app/x")).await;
    (page.status == 200).then_some(browser)
}

/// The first sign-in after the disk was filled may still find room; soon none does.
async fn refuses_sign_ins(fleet: &Fleet) {
    eventually(async || signed_in(fleet).await.is_none()).await;
    for _ in 0..10 {
        let newcomer = Browser::new();
        let page = newcomer.open(&fleet.at(0, "/app/x")).await;
        assert_eq!(page.status, 503, "{page:?}");
        assert!(page.body.contains("AAD-STORE"), "{page:?}");
        assert!(newcomer.session_cookie().is_none());
    }
}

/// Reads as a user that is signed in, and as a browser whose session no cache knows; never in vain.
async fn read_on(fleet: &Fleet, user: Browser, reading: Arc<AtomicBool>) -> usize {
    let mut reads = 0;
    let name = fleet.apps[0].auth.config().cookies.session.clone();
    while reading.load(Ordering::SeqCst) {
        let page = user.fetch(&fleet.at(0, "/app/x")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let stranger = Browser::new();
        let id = aad_auth::internals::session::SessionId::new(
            &aad_auth::internals::random::SystemRandom,
        );
        stranger.set_cookie("localhost", &name, &id.to_cookie());
        let page = stranger.fetch(&fleet.at(0, "/app/x")).await;
        assert_eq!(page.status, 401, "{page:?}");
        reads += 2;
    }
    reads
}

async fn eventually(condition: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if condition().await {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never");
}
