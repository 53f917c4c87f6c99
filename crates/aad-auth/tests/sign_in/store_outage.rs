//! F15, F18 and F19: the store is down, slow, full or read-only, the secret is rotated, the process
//! is started again, with each store. Closed doors, no anonymous fall-through, and all is well
//! afterwards.

use std::{path::Path, sync::Arc, time::Duration};

use aad_auth::{
    config::Source,
    store::{FileOptions, FileStore, MemoryStore, Store, SystemClock},
};
use entra_emulator::Emulator;

use crate::{
    redis::RedisServer,
    support::{ADA, App, Browser, Fleet, NEWER_SECRET, SECRET},
};

fn fleet_on(store: Arc<dyn Store>) -> Fleet {
    let fleet = Fleet::with(
        1,
        |source| source,
        |builder| builder.store(Arc::clone(&store)),
    );
    fleet.users(ADA);
    fleet
}

async fn signed_in(fleet: &Fleet) -> Browser {
    let browser = Browser::new();
    let page = browser.open(&fleet.at(0, "/app/x")).await;
    assert_eq!(page.status, 200, "{page:?}");
    browser
}

/// A sign-in that cannot be kept is a page that says when to come again, and gives no session.
async fn refuses_sign_ins(fleet: &Fleet) {
    let newcomer = Browser::new();
    let page = newcomer.open(&fleet.at(0, "/app/x")).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.body.contains("AAD-STORE"), "{page:?}");
    assert!(page.header("retry-after").is_some());
    assert!(newcomer.session_cookie().is_none());
}

/// Whoever is signed in waits, and is neither let in unchecked nor taken for a stranger.
async fn makes_wait(fleet: &Fleet, user: &Browser) {
    let page = user.fetch(&fleet.at(0, "/app/x")).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("retry-after").is_some());
    assert!(page.all("set-cookie").is_empty(), "{page:?}");
    let public = user.fetch(&fleet.at(0, "/")).await;
    assert_eq!(public.status, 200, "{public:?}");
    assert_eq!(Browser::new().get(&fleet.at(0, "/app/x")).await.status, 302);
}

async fn recovers(fleet: &Fleet, user: &Browser) {
    for _ in 0..200 {
        let newcomer = Browser::new();
        let again = user.fetch(&fleet.at(0, "/app/x")).await;
        let fresh = newcomer.open(&fleet.at(0, "/app/x")).await;
        if again.status == 200 && fresh.status == 200 {
            return;
        }
        assert!([200, 503].contains(&again.status.as_u16()), "{again:?}");
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("did not recover");
}

/// Fills the store with sessions until there is no room.
async fn fill(fleet: &Fleet) -> Vec<Browser> {
    let mut users = Vec::new();
    for _ in 0..200 {
        let browser = Browser::new();
        if browser.open(&fleet.at(0, "/app/x")).await.status != 200 {
            return users;
        }
        users.push(browser);
    }
    panic!("never full");
}

async fn full_and_with_room_again(fleet: &Fleet) {
    let first = signed_in(fleet).await;
    let users = fill(fleet).await;
    refuses_sign_ins(fleet).await;
    // Nobody is evicted to make room.
    for user in users.iter().chain([&first]) {
        assert_eq!(user.fetch(&fleet.at(0, "/app/x")).await.status, 200);
    }
    for user in &users {
        let page = user.post(&fleet.at(0, "/auth/sign_out"), "").await;
        assert!(page.leads_on(), "{page:?}");
    }
    recovers(fleet, &first).await;
}

#[actix_web::test]
async fn f15_memory_that_is_full_refuses_sign_ins_and_evicts_nobody() {
    let store = MemoryStore::with_capacity(Arc::new(SystemClock), 64 * 1024);
    full_and_with_room_again(&fleet_on(Arc::new(store))).await;
}

#[actix_web::test]
async fn f15_a_file_that_is_full_refuses_sign_ins_and_evicts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileOptions::new(folder.path().join("private/s.redb")).capacity(64 * 1024);
    let store = FileStore::open(options).unwrap();
    store.opened().await.unwrap();
    full_and_with_room_again(&fleet_on(Arc::new(store))).await;
}

#[actix_web::test]
async fn f15_a_store_that_is_gone_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileStore::open(FileOptions::new(folder.path().join("private/s.redb"))).unwrap();
    file.opened().await.unwrap();
    let memory = MemoryStore::new(Arc::new(SystemClock));
    for store in [Arc::new(file) as Arc<dyn Store>, Arc::new(memory)] {
        let fleet = fleet_on(Arc::clone(&store));
        // Not in the cache of decoded sessions: another secret's, or never seen.
        let stranger = Browser::new();
        let id = aad_auth::internals::session::SessionId::new(
            &aad_auth::internals::random::SystemRandom,
        );
        let name = fleet.apps[0].auth.config().cookies.session.clone();
        stranger.set_cookie("localhost", &name, &id.to_cookie());
        assert_eq!(stranger.fetch(&fleet.at(0, "/app/x")).await.status, 401);
        store.close().await.unwrap();
        let page = stranger.fetch(&fleet.at(0, "/app/x")).await;
        assert_eq!(page.status, 503, "{page:?}");
        refuses_sign_ins(&fleet).await;
        assert!(!fleet.apps[0].auth.status().await.ready);
    }
}

#[actix_web::test]
async fn f15_redis_down_slow_full_or_read_only_closes_the_doors_and_recovers() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    fleet.users(ADA);
    let user = signed_in(&fleet).await;

    server.kill();
    makes_wait(&fleet, &user).await;
    refuses_sign_ins(&fleet).await;
    assert!(!fleet.apps[0].auth.status().await.ready);
    server.resume();
    recovers(&fleet, &user).await;

    // Slow: it accepts everything and answers nothing.
    server.tell("CLIENT PAUSE 4000 ALL");
    makes_wait(&fleet, &user).await;
    recovers(&fleet, &user).await;

    // Full, and evicting nothing: reading goes on.
    for (fault, remedy) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
    ] {
        server.tell(fault);
        refuses_sign_ins(&fleet).await;
        assert_eq!(
            user.fetch(&fleet.at(0, "/app/x")).await.status,
            200,
            "{fault}"
        );
        server.tell(remedy);
        recovers(&fleet, &user).await;
    }
}

/// Signs in under the first secrets; then says whether the session opens under the next ones.
async fn opens_after(store: &Arc<dyn Store>, secrets: [&str; 2]) -> bool {
    let with = |secrets: &str| {
        let secrets = secrets.to_owned();
        move |source: Source| source.with("AAD_SESSION_SECRET", secrets.clone())
    };
    let on_store = |builder: aad_auth::AuthBuilder| builder.store(Arc::clone(store));
    let mut fleet = Fleet::with(1, with(secrets[0]), on_store);
    fleet.users(ADA);
    let user = signed_in(&fleet).await;
    fleet.join(with(secrets[1]), on_store);
    match user.fetch(&fleet.at(1, "/app/x")).await.status.as_u16() {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

#[actix_web::test]
async fn f18_a_rotated_secret_opens_old_sessions_for_the_overlap_and_then_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileStore::open(FileOptions::new(folder.path().join("private/s.redb"))).unwrap();
    file.opened().await.unwrap();
    let memory = MemoryStore::new(Arc::new(SystemClock));
    let both = format!("{NEWER_SECRET},{SECRET}");
    for store in [Arc::new(file) as Arc<dyn Store>, Arc::new(memory)] {
        assert!(
            opens_after(&store, [SECRET, both.as_str()]).await,
            "{}",
            store.kind()
        );
        assert!(
            !opens_after(&store, [SECRET, NEWER_SECRET]).await,
            "{}",
            store.kind()
        );
        assert!(
            opens_after(&store, [both.as_str(), NEWER_SECRET]).await,
            "{}",
            store.kind()
        );
    }
}

fn on_file(emulator: &Emulator, path: &Path, base: &str) -> App {
    let store = format!("file:{}", path.display());
    let settings = |source: Source| {
        source
            .with("AAD_SESSION_STORE", store)
            .with("AAD_SESSION_SECRET", SECRET)
            .with("AAD_BASE_URL", base)
    };
    App::start(emulator, settings)
}

#[actix_web::test]
async fn f19_a_restart_with_the_same_file_signs_nobody_out_and_finishes_what_was_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private/s.redb");
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let base = "http://localhost:5999";
    let at = |app: &App, url: &str| {
        let mut url = url::Url::parse(base).unwrap().join(url).unwrap();
        url.set_port(Some(app.port)).unwrap();
        url.to_string()
    };
    let app = on_file(&emulator, &path, base);
    let (user, half_way) = (Browser::new(), Browser::new());
    let callback = user.until_callback(&at(&app, "/app/x")).await;
    assert_eq!(user.get(&at(&app, &callback)).await.status, 303);
    let begun = half_way.until_callback(&at(&app, "/app/y")).await;
    app.auth.close().await;
    drop(app);
    let app = on_file(&emulator, &path, base);
    assert_eq!(user.fetch(&at(&app, "/app/x")).await.status, 200);
    assert_eq!(half_way.get(&at(&app, &begun)).await.status, 303);
    assert_eq!(half_way.fetch(&at(&app, "/app/y")).await.status, 200);
    assert!(app.auth.status().await.degraded.is_empty());
}
