//! W5, W13, W18, W19: a store that is full, in parts or wholly, or that loses its file.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use aad_auth::{
    internals::secret::Secret,
    store::{
        FileOptions, FileStore, Key, MemoryStore, RedisOptions, RedisStore, Store, StoreError,
        SystemClock,
    },
};

use crate::{
    redis::RedisServer,
    support::{ADA, Browser, Fleet, ROBIN},
};

const HOUR: Duration = Duration::from_secs(3600);
const CAPACITY: u64 = 512 * 1024;

/// An application on a store; with what has to stay beside it.
struct Room {
    fleet: Fleet,
    store: Arc<dyn Store>,
    folder: Option<tempfile::TempDir>,
}

impl Room {
    fn on(store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let handed = Arc::clone(&store);
        let build = |builder: aad_auth::AuthBuilder| builder.store(Arc::clone(&handed));
        let fleet = Fleet::with(1, |source| source, build);
        Self {
            fleet,
            store,
            folder,
        }
    }

    fn memory() -> Self {
        let store = MemoryStore::with_capacity(Arc::new(SystemClock), CAPACITY);
        Self::on(Arc::new(store), None)
    }

    async fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = FileOptions::new(folder.path().join("private/s.redb"));
        let store = FileStore::open(options.capacity(CAPACITY)).unwrap();
        store.opened().await.unwrap();
        Self::on(Arc::new(store), Some(folder))
    }

    async fn both() -> [Self; 2] {
        [Self::memory(), Self::file().await]
    }

    fn path(&self) -> PathBuf {
        let folder = self.folder.as_ref().unwrap();
        folder.path().join("private/s.redb")
    }

    async fn signed_in(&self, user: &str) -> Option<Browser> {
        self.fleet.users(user);
        let browser = Browser::new();
        let page = browser.open(&self.fleet.at(0, "/app/x")).await;
        (page.status == 200).then_some(browser)
    }

    async fn lives(&self, browser: &Browser) -> bool {
        browser.fetch(&self.fleet.at(0, "/app/x")).await.status == 200
    }

    async fn sign_out(&self, browser: &Browser, form: &str) -> bool {
        let page = browser
            .post(&self.fleet.at(0, "/auth/sign_out"), form)
            .await;
        page.leads_on()
    }

    /// Records of a kind, until one is refused.
    async fn fill(&self, kind: &str, size: usize) {
        for n in 0..200_000 {
            let key = Key::new(format!("label:{kind}:{n}")).unwrap();
            match self.store.create(&key, &vec![7; size], HOUR).await {
                Ok(_) => {}
                Err(StoreError::Full) => return,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("never full")
    }

    /// What readiness says; those who are signed in are always served here.
    async fn warnings(&self) -> String {
        // An answer is remembered for a second.
        actix_web::rt::time::sleep(Duration::from_millis(1050)).await;
        let status = self.fleet.apps[0].auth.status().await;
        assert!(status.ready, "{status:?}");
        status.degraded.join(" ")
    }
}

#[actix_web::test]
async fn w5_a_flood_of_application_data_leaves_sign_ins_their_room() {
    for room in Room::both().await {
        room.fill("a", 1000).await;
        let said = room.warnings().await;
        assert!(said.contains("application's own data"), "{said}");
        let mut users = Vec::new();
        for _ in 0..10 {
            users.push(room.signed_in(ADA).await.expect("room for a sign-in"));
            room.fill("a", 10).await;
        }
        for user in &users {
            assert!(room.lives(user).await);
            assert!(room.sign_out(user, "").await);
        }
    }
}

#[actix_web::test]
async fn w13_a_store_that_is_full_or_nearly_is_never_ready() {
    for room in Room::both().await {
        let user = room.signed_in(ADA).await.unwrap();
        assert_eq!(room.warnings().await, "");
        room.fill("s", 1000).await;
        assert!(room.signed_in(ROBIN).await.is_none());
        let said = room.warnings().await;
        assert!(
            said.contains("full") && said.contains("AAD_SESSION_STORE"),
            "{said}"
        );
        assert!(room.lives(&user).await);
        for n in 0..200 {
            let key = Key::new(format!("label:s:{n}")).unwrap();
            room.store.delete(&key).await.unwrap();
        }
        assert!(room.signed_in(ROBIN).await.is_some());
        assert_eq!(room.warnings().await, "");
    }
}

#[actix_web::test]
async fn w13_a_redis_server_that_refuses_to_write_is_never_ready() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let store = RedisStore::open(&RedisOptions::new(Secret::from(server.url()))).unwrap();
    let room = Room::on(Arc::new(store), None);
    let user = room.signed_in(ADA).await.unwrap();
    assert_eq!(room.warnings().await, "");
    for (fault, remedy, named) in [
        (
            "CONFIG SET maxmemory 1",
            "CONFIG SET maxmemory 0",
            "maxmemory",
        ),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "primary"),
        (
            "CONFIG SET min-replicas-to-write 3",
            "CONFIG SET min-replicas-to-write 0",
            "refuses to write",
        ),
    ] {
        server.tell(fault);
        let said = room.warnings().await;
        assert!(said.contains(named), "{fault}: {said}");
        assert!(room.lives(&user).await, "{fault}");
        server.tell(remedy);
        assert_eq!(room.warnings().await, "", "{fault}");
    }
}

#[actix_web::test]
async fn w19_a_store_without_a_free_byte_still_signs_out_here_and_everywhere() {
    for room in Room::both().await {
        for marks_are_full in [false, true] {
            let (here, there) = (
                room.signed_in(ADA).await.unwrap(),
                room.signed_in(ADA).await.unwrap(),
            );
            let alone = room.signed_in(ROBIN).await.unwrap();
            for size in [1000, 100, 0] {
                room.fill("s", size).await;
            }
            if marks_are_full {
                for size in [100, 0] {
                    room.fill("r", size).await;
                }
            }
            assert!(room.signed_in(ADA).await.is_none());
            assert!(room.sign_out(&alone, "").await);
            assert!(room.sign_out(&here, "scope=everywhere").await);
            for ended in [&here, &there, &alone] {
                assert!(!room.lives(ended).await, "marks: {marks_are_full}");
            }
            for n in 0..4000 {
                let key = Key::new(format!("label:s:{n}")).unwrap();
                room.store.delete(&key).await.unwrap();
            }
        }
    }
}

/// Waits until readiness says so, for a minute at the most.
async fn eventually(room: &Room, is_named: bool) {
    for _ in 0..60 {
        let said = room.warnings().await;
        if said.contains("deleted or replaced") == is_named {
            return;
        }
    }
    panic!("not noticed within a minute: {is_named}");
}

#[actix_web::test]
async fn w18_a_file_that_is_deleted_or_replaced_under_the_process_is_noticed() {
    let room = Room::file().await;
    let user = room.signed_in(ADA).await.unwrap();
    let aside = room.path().with_extension("aside");
    let lock = room.path().with_extension("redb.lock");
    let replace = |path: &PathBuf| {
        fs::rename(path, &aside).unwrap();
        fs::copy(&aside, path).unwrap();
    };
    let delete = |path: &PathBuf| fs::rename(path, &aside).unwrap();
    let put_back = |path: &PathBuf| fs::rename(&aside, path).unwrap();
    for path in [room.path(), lock] {
        for harm in [&replace as &dyn Fn(&PathBuf), &delete] {
            harm(&path);
            eventually(&room, true).await;
            let said = room.warnings().await;
            assert!(said.contains("AAD_STATE_DIR"), "{said}");
            assert!(room.lives(&user).await);
            put_back(&path);
            eventually(&room, false).await;
        }
    }
    assert!(room.lives(&user).await);
}
