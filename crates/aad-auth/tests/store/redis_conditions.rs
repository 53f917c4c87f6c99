//! Servers that cannot be used, or cannot be written: what `/readyz` and the log say.

use std::{
    fs,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use aad_auth::{
    internals::secret::Secret,
    store::{Key, RedisOptions, RedisStore, Store, StoreError, StoreHealth},
};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{RedisServer, cluster::info, free_port, wait_until};

const HOUR: Duration = Duration::from_secs(3600);

fn open(url: &str) -> RedisStore {
    RedisStore::open(&RedisOptions::new(Secret::from(url))).unwrap()
}

fn key() -> Key {
    Key::new("label:s:canary").unwrap()
}

/// What a write answers, whether the store can be read by others, and what the log says.
async fn meet(store: &RedisStore) -> (Option<StoreError>, StoreHealth, String) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let write = store.create(&key(), b"x", HOUR).await.err();
    let health = store.health().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("canary") && !log.contains("aad:r:"), "{log}");
    (write, health, log)
}

/// Checks that a store which serves those who are signed in is `degraded`, and says why.
async fn degraded(store: &RedisStore, error: StoreError, remedy: &str) {
    let (write, health, log) = meet(store).await;
    assert_eq!(write, Some(error), "{remedy}");
    let StoreHealth::Degraded(reason) = health else {
        panic!("{remedy}: {health:?}")
    };
    assert!(reason.contains(remedy), "{reason}");
    assert!(log.contains(remedy), "{log}");
}

/// Checks that a store which serves nobody is no better than that, and says why.
async fn unusable(store: &RedisStore, error: StoreError, remedy: &str) {
    let (write, health, log) = meet(store).await;
    assert_eq!(write, Some(error), "{remedy}");
    let StoreHealth::Unusable {
        error: told,
        reason,
    } = health
    else {
        panic!("{remedy}: {health:?}")
    };
    assert_eq!(told, error);
    assert!(reason.contains(remedy), "{reason}");
    assert!(log.contains(remedy), "{log}");
}

#[tokio::test]
async fn r63_a_server_that_refuses_to_write_is_never_ready() {
    for (command, error, remedy) in [
        (
            "REPLICAOF 127.0.0.1 9",
            StoreError::Unavailable,
            "name the primary",
        ),
        (
            "CONFIG SET min-replicas-to-write 1",
            StoreError::Unavailable,
            "min-replicas-to-write",
        ),
        ("CONFIG SET maxmemory 1", StoreError::Full, "maxmemory"),
        (
            "ACL SETUSER default -set -evalsha",
            StoreError::Refused,
            "ACL SETUSER",
        ),
    ] {
        let Some(server) = RedisServer::start() else {
            return;
        };
        let store = open(&server.url());
        assert_eq!(store.health().await, StoreHealth::Ready);
        server.tell(command);
        degraded(&store, error, remedy).await;
    }
}

#[tokio::test]
async fn r63_a_server_that_cannot_save_is_never_ready() {
    let arguments = ["--save", "3600 1", "--enable-protected-configs", "yes"];
    let Some(server) = RedisServer::start_with(&arguments) else {
        return;
    };
    let store = open(&server.url());
    assert_eq!(store.health().await, StoreHealth::Ready);
    // Its snapshots go to a folder that is gone.
    let lost = server.folder().join("lost");
    fs::create_dir(&lost).unwrap();
    server.tell(&format!("CONFIG SET dir {}", lost.display()));
    fs::remove_dir(&lost).unwrap();
    server.tell("BGSAVE");
    wait_until("the snapshot fails", || {
        let lines = server.lines("INFO persistence");
        lines
            .iter()
            .any(|line| line == "rdb_last_bgsave_status:err")
    });
    degraded(
        &store,
        StoreError::Unavailable,
        "stop-writes-on-bgsave-error",
    )
    .await;
}

#[tokio::test]
async fn r63_a_server_that_serves_nobody_is_named() {
    for (command, error, remedy) in [
        (
            "ACL SETUSER default >canary-password",
            StoreError::Refused,
            "user or password",
        ),
        (
            "ACL SETUSER default resetkeys ~other:*",
            StoreError::Refused,
            "ACL SETUSER",
        ),
    ] {
        let Some(server) = RedisServer::start() else {
            return;
        };
        server.tell(command);
        unusable(&open(&server.url()), error, remedy).await;
    }
    let Some(server) = RedisServer::start() else {
        return;
    };
    let url = format!("{}/999", server.url());
    unusable(
        &open(&url),
        StoreError::Refused,
        "no database of that number",
    )
    .await;
    server.tell("CONFIG SET maxclients 1");
    let _holds_the_only_place = server.connect();
    unusable(&open(&server.url()), StoreError::Unavailable, "maxclients").await;
    let Some(server) = RedisServer::start() else {
        return;
    };
    let url = server.url().replace("//", "//app:canary-password@");
    unusable(&open(&url), StoreError::Refused, "user or password").await;
}

#[tokio::test]
async fn r63_a_replica_that_has_lost_its_primary_is_named() {
    let (Some(primary), Some(replica)) = (
        RedisServer::start(),
        RedisServer::start_with(&["--save", "", "--replica-serve-stale-data", "no"]),
    ) else {
        return;
    };
    replica.tell(&format!("REPLICAOF 127.0.0.1 {}", primary.port()));
    wait_until("the replica follows", || {
        info(&replica, "master_link_status") == "up"
    });
    drop(primary);
    wait_until("the primary is gone", || {
        info(&replica, "master_link_status") == "down"
    });
    unusable(
        &open(&replica.url()),
        StoreError::Unavailable,
        "lost its primary",
    )
    .await;
}

#[tokio::test]
async fn r63_a_server_that_is_loading_is_named_and_not_ready() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let fill = "for n = 1, 20000 do redis.call('SET', 'filler:' .. n, 'x') end";
    server.tell(&format!("EVAL \"{fill}\" 0"));
    server.kill();
    // Microseconds for each key: four seconds for all.
    server.add_arguments(&[
        "--key-load-delay",
        "200",
        "--loading-process-events-interval-bytes",
        "1024",
    ]);
    server.resume();
    let store = open(&server.url());
    unusable(&store, StoreError::Unavailable, "still loading").await;
    // Also while it is not asked because it has refused too often.
    for _ in 0..8 {
        let health = store.health().await;
        assert!(
            format!("{health:?}").contains("still loading"),
            "{health:?}"
        );
    }
}

#[tokio::test]
async fn r63_what_is_no_redis_server_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _sent = stream.and_then(|mut stream| {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
            });
        }
    });
    let store = open(&format!("redis://127.0.0.1:{port}"));
    unusable(
        &store,
        StoreError::Unavailable,
        "does not answer like Redis",
    )
    .await;
}

/// A certificate that signs itself, for one name.
pub struct Certificate {
    pub pem: String,
    folder: tempfile::TempDir,
}

impl Certificate {
    pub fn new(name: &str) -> Self {
        let certificate = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = certificate.signing_key.serialize_pem();
        fs::write(folder.path().join("c.pem"), certificate.cert.pem()).unwrap();
        fs::write(folder.path().join("k.pem"), key).unwrap();
        Self {
            pem: certificate.cert.pem(),
            folder,
        }
    }

    /// What a server is started with to have it.
    pub fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let (pem, key) = (path("c.pem"), path("k.pem"));
        let names = ["--tls-cert-file", "--tls-key-file", "--tls-ca-cert-file"];
        let files = [pem.clone(), key, pem];
        let pairs = names.iter().zip(files);
        pairs
            .flat_map(|(name, file)| [(*name).to_owned(), file])
            .collect()
    }

    /// A server with it, and its TLS port.
    fn serve(&self, more: &[&str]) -> Option<(RedisServer, u16)> {
        let port = free_port();
        let mut arguments = self.arguments();
        arguments.extend(["--tls-port".to_owned(), port.to_string()]);
        let arguments: Vec<_> = arguments
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        Some((RedisServer::start_with(&arguments)?, port))
    }
}

fn trusting(url: String, pem: &str) -> RedisStore {
    RedisStore::open(&RedisOptions::new(Secret::from(url)).trusted_roots(pem)).unwrap()
}

#[tokio::test]
async fn r65_faults_of_tls_name_tls_and_what_to_change() {
    let certificate = Certificate::new("localhost");
    let Some((server, port)) = certificate.serve(&["--tls-auth-clients", "no"]) else {
        return;
    };
    let good = trusting(format!("rediss://localhost:{port}"), &certificate.pem);
    assert_eq!(good.health().await, StoreHealth::Ready);
    let unknown = open(&format!("rediss://localhost:{port}"));
    let other_name = trusting(format!("rediss://127.0.0.1:{port}"), &certificate.pem);
    let plain_server = trusting(
        format!("rediss://localhost:{}", server.port()),
        &certificate.pem,
    );
    let tls_server = open(&format!("redis://localhost:{port}"));
    for (store, remedy) in [
        (unknown, "AAD_CA_FILE"),
        (other_name, "certificate for another name"),
        (plain_server, "does not speak TLS"),
        (tls_server, "write rediss://"),
    ] {
        let store: Arc<RedisStore> = Arc::new(store);
        unusable(&store, StoreError::Unavailable, remedy).await;
    }
}

#[tokio::test]
async fn r65_a_server_that_wants_a_certificate_of_the_client_is_named() {
    let certificate = Certificate::new("localhost");
    let Some((_server, port)) = certificate.serve(&["--tls-auth-clients", "yes"]) else {
        return;
    };
    let store = trusting(format!("rediss://localhost:{port}"), &certificate.pem);
    unusable(&store, StoreError::Unavailable, "certificate of the client").await;
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
