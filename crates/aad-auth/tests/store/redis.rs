use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aad_auth::{
    internals::{
        secret::Secret,
        store::suite::{Subject, Time, run_all},
    },
    store::{Created, Key, RedisOptions, RedisStore, Store, StoreError, StoreHealth, Updated},
};

use crate::support::RedisServer;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_passes_the_suite() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    run_all(async || Subject::new(Arc::new(open(&server.url())), Time::Real)).await;
}

#[tokio::test]
async fn what_one_instance_does_the_others_see_at_once() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (one, two) = (open(&server.url()), open(&server.url()));
    let first = create(&one, &key(1)).await;
    let again = two.create(&key(1), b"x", HOUR).await.unwrap();
    assert_eq!(again, Created::Exists);
    let updated = two.update(&key(1), first, b"two", HOUR).await.unwrap();
    assert!(matches!(updated, Updated::Written(_)));
    let late = one.update(&key(1), first, b"one", HOUR).await.unwrap();
    assert_eq!(late, Updated::Conflict);
    assert!(one.delete(&key(1)).await.unwrap());
    assert!(two.get(&key(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn fails_fast_while_the_server_is_away_and_loses_nothing() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let store = open(&server.url());
    let version = create(&store, &key(1)).await;
    store.index_put(&key(2), "m", b"x", HOUR).await.unwrap();
    server.kill();
    let begun = Instant::now();
    for _ in 0..200 {
        let refusal = store.get(&key(1)).await.err();
        assert_eq!(refusal, Some(StoreError::Unavailable));
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{begun:?}");
    let health = store.health().await;
    assert_eq!(health, StoreHealth::Failed(StoreError::Unavailable));

    server.resume();
    recover(&store).await;
    let record = store.get(&key(1)).await.unwrap().unwrap();
    assert_eq!(record.version, version);
    let updated = store.update(&key(1), version, b"two", HOUR).await.unwrap();
    assert!(matches!(updated, Updated::Written(_)));
    assert_eq!(store.index_list(&key(2)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_idle_connection_that_was_cut_fails_no_request() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let store = open(&server.url());
    let mut version = create(&store, &key(1)).await;
    for round in 0..10 {
        server.tell("CLIENT KILL TYPE normal SKIPME yes");
        match round % 3 {
            0 => assert!(store.get(&key(1)).await.unwrap().is_some()),
            1 => drop(create(&store, &key(100 + round)).await),
            _ => {
                let updated = store.update(&key(1), version, b"x", HOUR).await.unwrap();
                let Updated::Written(next) = updated else {
                    panic!("{updated:?}")
                };
                version = next;
            }
        }
    }
}

#[tokio::test]
async fn a_silent_server_costs_no_more_than_the_timeout() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let options = RedisOptions::new(Secret::from(server.url())).timeout(Duration::from_millis(200));
    let store = RedisStore::open(&options).unwrap();
    create(&store, &key(1)).await;
    server.tell("CLIENT PAUSE 4000 ALL");
    let begun = Instant::now();
    let refusal = store.get(&key(1)).await.err();
    assert_eq!(refusal, Some(StoreError::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(2), "{begun:?}");
    recover(&store).await;
    assert!(store.get(&key(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn starts_while_the_server_is_away() {
    let Some(mut server) = RedisServer::start() else {
        return;
    };
    server.kill();
    let store = open(&server.url());
    let refusal = store.create(&key(1), b"x", HOUR).await;
    assert_eq!(refusal, Err(StoreError::Unavailable));
    server.resume();
    recover(&store).await;
    create(&store, &key(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_with_the_documented_rights_suffices() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    server.tell(&format!(
        "ACL SETUSER app on >p@ss/#word {}",
        documented_rights()
    ));
    let url = format!("redis://app:p%40ss%2F%23word@127.0.0.1:{}/0", server.port());
    run_all(async || {
        let store = open(&url);
        assert_eq!(store.health().await, StoreHealth::Ready);
        Subject::new(Arc::new(store), Time::Real)
    })
    .await;
}

/// The rights that the message of a refused access lists.
pub fn documented_rights() -> String {
    let message = StoreError::Refused.to_string();
    let (_, rights) = message.split_once("needs ").unwrap();
    rights.split_once(';').unwrap().0.to_owned()
}

#[tokio::test]
async fn refuses_a_wrong_password_and_a_user_without_rights() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    server.tell("ACL SETUSER app on >right ~other:* +@all");
    for user in ["app:wrong", "app:right"] {
        let store = open(&format!("redis://{user}@127.0.0.1:{}", server.port()));
        let refusal = store.create(&key(1), b"x", HOUR).await;
        assert_eq!(refusal, Err(StoreError::Refused), "{user}");
    }
}

#[tokio::test]
async fn a_server_that_evicts_is_reported() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    server.tell("CONFIG SET maxmemory-policy allkeys-lru");
    let StoreHealth::Degraded(reason) = open(&server.url()).health().await else {
        panic!("not degraded")
    };
    assert!(reason.contains("noeviction"), "{reason}");
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_policy_is_used_and_reported() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    server.tell("ACL SETUSER app on >p ~* +@all -info -config");
    let store = open(&format!("redis://app:p@127.0.0.1:{}", server.port()));
    create(&store, &key(1)).await;
    let StoreHealth::Degraded(reason) = store.health().await else {
        panic!("not degraded")
    };
    assert!(reason.contains("does not reveal"), "{reason}");
}

#[tokio::test]
async fn a_full_server_refuses_and_evicts_nothing() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let store = open(&server.url());
    create(&store, &key(1)).await;
    server.tell("CONFIG SET maxmemory 1");
    let refusal = store.create(&key(2), b"x", HOUR).await;
    assert_eq!(refusal, Err(StoreError::Full));
    assert!(store.get(&key(1)).await.unwrap().is_some());
    assert!(store.delete(&key(1)).await.unwrap(), "signing out works");
    assert_eq!(store.stats().refused, 1);
}

#[tokio::test]
async fn every_key_has_an_end() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let store = open(&server.url());
    let version = create(&store, &key(1)).await;
    store.update(&key(1), version, b"x", HOUR).await.unwrap();
    store.index_put(&key(1), "m", b"x", HOUR).await.unwrap();
    for name in ["aad:r:label:test:1", "aad:s:label:test:1"] {
        let rest = server.tell(&format!("TTL {name}"));
        assert!(
            rest.starts_with(":3600") || rest.starts_with(":3599"),
            "{rest}"
        );
    }
}

#[tokio::test]
async fn roots_for_the_provider_do_not_refuse_a_plain_address() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let options = RedisOptions::new(Secret::from(server.url()));
    let store = RedisStore::open(&options.trusted_roots(certificate.cert.pem())).unwrap();
    create(&store, &key(1)).await;
}

fn open(url: &str) -> RedisStore {
    RedisStore::open(&RedisOptions::new(Secret::from(url))).unwrap()
}

async fn create(store: &RedisStore, key: &Key) -> aad_auth::store::Version {
    match store.create(key, b"value", HOUR).await.unwrap() {
        Created::Written(version) => version,
        Created::Exists => panic!("it exists"),
    }
}

async fn recover(store: &RedisStore) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !store.health().await.is_usable() {
        assert!(Instant::now() < deadline, "the store does not recover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn key(n: usize) -> Key {
    Key::new(format!("label:test:{n}")).unwrap()
}
