//! Redis Cluster: three real nodes, with replicas where one of them fails.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    internals::{
        secret::Secret,
        store::suite::{Subject, Time, run_all},
    },
    store::{Created, Key, RedisOptions, RedisStore, Store, StoreError, StoreHealth, Updated},
};

use crate::{
    load::{Load, ready},
    redis_conditions::Certificate,
    support::{
        RedisServer,
        cluster::{RedisCluster, announced_port},
    },
};

const HOUR: Duration = Duration::from_secs(3600);

fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(RedisStore::open(&RedisOptions::new(Secret::from(url))).unwrap())
}

fn key(name: &str) -> Key {
    Key::new(format!("label:s:{name}")).unwrap()
}

fn record_name(key: &Key) -> String {
    format!("aad:r:{}", key.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_passes_the_suite() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let url = cluster.url();
    run_all(async || Subject::new(open(&url), Time::Real)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_with_the_documented_rights_suffices_in_a_cluster() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    for node in &cluster.primaries {
        node.tell(&format!(
            "ACL SETUSER app on >p@ss {}",
            crate::redis::documented_rights()
        ));
    }
    let store = open(&cluster.url().replace("//", "//app:p%40ss@"));
    let keys: Vec<_> = (0..60).map(|n| key(&n.to_string())).collect();
    for key in &keys {
        store.create(key, b"one", HOUR).await.unwrap();
        store.index_put(key, "m", b"x", HOUR).await.unwrap();
    }
    // ASKING is needed as well.
    let slot = cluster.slot_of(&record_name(&keys[0]));
    let from = cluster.owner_of(&record_name(&keys[0]));
    cluster.begin_move(slot, from, (from + 1) % 3);
    cluster.move_keys(slot, from, (from + 1) % 3, 100);
    assert!(store.get(&keys[0]).await.unwrap().is_some());
    assert_eq!(store.health().await, StoreHealth::Ready);
}

#[tokio::test]
async fn r60_a_plain_address_of_a_cluster_serves_every_key() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    for node in &cluster.primaries {
        let store = open(&node.url());
        let keys: Vec<_> = (0..40)
            .map(|n| key(&format!("{}-{n}", node.port())))
            .collect();
        // The very first operation names two keys, which are hardly ever on one node.
        let (one, two) = store.get_two(&keys[0], &keys[1]).await.unwrap();
        assert!(one.is_none() && two.is_none());
        for key in &keys {
            store.create(key, b"one", HOUR).await.unwrap();
        }
        let alive = store.alive(&keys).await.unwrap();
        assert_eq!(alive, vec![true; keys.len()]);
        for pair in keys.windows(2) {
            let (one, two) = store.get_two(&pair[0], &pair[1]).await.unwrap();
            assert!(one.is_some() && two.is_some());
        }
        assert_eq!(store.health().await, StoreHealth::Ready);
    }
}

#[tokio::test]
async fn r60_what_cannot_be_a_cluster_says_so() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let Some(single) = RedisServer::start() else {
        return;
    };
    for (url, remedy) in [
        (
            format!("redis://127.0.0.1:{}/3", cluster.primaries[0].port()),
            "0 only",
        ),
        (
            single.url().replace("redis", "redis+cluster"),
            "write redis://",
        ),
    ] {
        let store = open(&url);
        let refusal = store.create(&key("a"), b"x", HOUR).await;
        assert!(refusal.is_err(), "{url}");
        let StoreHealth::Unusable { reason, .. } = store.health().await else {
            panic!("{url}: {:?}", store.health().await)
        };
        assert!(reason.contains(remedy), "{url}: {reason}");
    }
}

#[tokio::test]
async fn r61_every_operation_finds_a_key_whose_slot_is_being_moved() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let store = open(&cluster.url());
    // A hash tag keeps them in one slot.
    let keys: Vec<_> = (0..12).map(|n| key(&format!("{{tag}}{n}"))).collect();
    let mut versions = Vec::new();
    for key in &keys[..8] {
        let Created::Written(version) = store.create(key, b"one", HOUR).await.unwrap() else {
            panic!("it exists")
        };
        versions.push(version);
        store.index_put(key, "m", b"x", HOUR).await.unwrap();
    }
    let slot = cluster.slot_of(&record_name(&keys[0]));
    let from = cluster.owner_of(&record_name(&keys[0]));
    let to = (from + 1) % 3;
    cluster.begin_move(slot, from, to);
    assert_eq!(
        cluster.move_keys(slot, from, to, 8),
        8,
        "half of records and sets"
    );

    for (key, version) in keys.iter().zip(&versions) {
        let updated = store.update(key, *version, b"two", HOUR).await.unwrap();
        assert!(matches!(updated, Updated::Written(_)));
        let late = store.update(key, *version, b"old", HOUR).await.unwrap();
        assert_eq!(late, Updated::Conflict);
        assert!(store.touch(key, 2 * HOUR).await.unwrap());
        assert_eq!(store.index_list(key).await.unwrap().len(), 1);
        store.index_put(key, "n", b"y", HOUR).await.unwrap();
        assert!(store.index_remove(key, "m").await.unwrap());
        let again = store.create(key, b"again", HOUR).await.unwrap();
        assert_eq!(again, Created::Exists);
    }
    // What is new is written where the slot goes to.
    for key in &keys[8..] {
        store.create(key, b"two", HOUR).await.unwrap();
    }
    assert!(store.delete(&keys[0]).await.unwrap());
    assert!(!store.delete(&keys[0]).await.unwrap());
    assert_eq!(
        store
            .alive(&keys)
            .await
            .unwrap()
            .iter()
            .filter(|it| **it)
            .count(),
        11
    );

    cluster.end_move(slot, from, to);
    let known_before = open(&cluster.url());
    for store in [&store, &known_before] {
        assert!(store.get(&keys[0]).await.unwrap().is_none(), "it is back");
        for key in &keys[1..] {
            let record = store.get(key).await.unwrap().expect("it is lost");
            assert_eq!(&*record.value, b"two");
        }
        assert_eq!(store.health().await, StoreHealth::Ready);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r61_a_resharding_under_load_loses_no_session_and_brings_none_back() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let store = open(&cluster.url());
    let load = Load::begin(&store, "resharding");
    // Of each primary some slots to the next one.
    tokio::task::block_in_place(|| {
        for (from, first) in [(0, 0), (1, 5461), (2, 10923)] {
            let to = (from + 1) % 3;
            for slot in (first..).step_by(137).take(40) {
                cluster.begin_move(slot, from, to);
                cluster.move_keys(slot, from, to, 2);
                cluster.end_move(slot, from, to);
            }
        }
    });
    let seen = load.end().await;
    assert!(
        seen.live.len() > 100 && seen.ended.len() > 50,
        "a test of nothing"
    );
    assert_eq!(seen.refused, 0, "no request fails");
    seen.check(&*store).await;
    ready(&*store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r62_a_planned_failover_under_load_loses_no_session_and_brings_none_back() {
    let Some(cluster) = RedisCluster::start_with(3, &["--cluster-node-timeout", "15000"]) else {
        return;
    };
    let store = open(&cluster.url());
    let load = Load::begin(&store, "planned");
    tokio::task::block_in_place(|| {
        std::thread::sleep(Duration::from_millis(300));
        for primary in 0..3 {
            cluster.hand_over(primary);
        }
        std::thread::sleep(Duration::from_millis(300));
    });
    let seen = load.end().await;
    assert!(
        seen.live.len() > 100 && seen.ended.len() > 50,
        "a test of nothing"
    );
    ready(&*store).await;
    seen.check(&*store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r62_a_killed_primary_is_replaced_and_what_was_replicated_stays() {
    let Some(mut cluster) = RedisCluster::start_with_replicas() else {
        return;
    };
    let store = open(&cluster.url());
    let load = Load::begin(&store, "before");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = load.end().await;
    tokio::task::block_in_place(|| cluster.replicate(0));
    // The others go on, and this one's sessions are refused until its replica has taken over.
    let load = Load::begin(&store, "while");
    tokio::task::block_in_place(|| cluster.kill_primary(0));
    ready(&*store).await;
    let meanwhile = load.end().await;
    assert!(meanwhile.refused > 0, "a test of nothing");
    before.check(&*store).await;
    meanwhile.check(&*store).await;
    // The old primary comes back as a replica, and with nothing that has ended.
    tokio::task::block_in_place(|| cluster.primaries[0].resume());
    ready(&*store).await;
    before.check(&*store).await;
}

#[tokio::test]
async fn r62_a_silent_node_delays_no_key_of_the_others() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let store = open(&cluster.url());
    ready(&*store).await;
    let keys: Vec<_> = (0..60).map(|n| key(&n.to_string())).collect();
    let is_lost = |key: &&Key| cluster.owner_of(&record_name(key)) == 2;
    let (lost, others): (Vec<_>, Vec<_>) = keys.iter().partition(is_lost);
    cluster.primaries[2].freeze();
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        let asked = lost.iter().map(|key| store.get(key));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.err(), Some(StoreError::Unavailable));
        }
        let asked = others.iter().map(|key| store.create(key, b"x", HOUR));
        for answer in futures_util::future::join_all(asked).await {
            answer.unwrap();
        }
    }
    // Each round would cost the timeout of a second without the breaker of this node.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    let health = format!("{:?}", store.health().await);
    let name = format!("127.0.0.1:{}", cluster.primaries[2].port());
    assert!(
        health.contains("Degraded") && health.contains(&name),
        "{health}"
    );
    cluster.primaries[2].thaw();
    ready(&*store).await;
    assert!(store.get(lost[0]).await.unwrap().is_none());
}

#[tokio::test]
async fn every_node_is_reached_by_tls() {
    let certificate = Certificate::new("127.0.0.1");
    let arguments = certificate.arguments();
    let arguments = arguments.iter().map(String::as_str);
    let tls = ["--tls-cluster", "yes", "--tls-auth-clients", "no"];
    let arguments: Vec<_> = arguments.chain(tls).collect();
    let Some(cluster) = RedisCluster::start_with(0, &arguments) else {
        return;
    };
    let port = announced_port(&cluster.primaries[0]);
    let url = Secret::from(format!("rediss+cluster://127.0.0.1:{port}/"));
    let options = RedisOptions::new(url.clone()).trusted_roots(certificate.pem.clone());
    let store = RedisStore::open(&options).unwrap();
    for n in 0..40 {
        let created = store.create(&key(&n.to_string()), b"x", HOUR).await;
        assert!(matches!(created, Ok(Created::Written(_))), "{created:?}");
    }
    assert_eq!(store.health().await, StoreHealth::Ready);
    let strict = RedisStore::open(&RedisOptions::new(url)).unwrap();
    let health = format!("{:?}", strict.health().await);
    assert!(health.contains("AAD_CA_FILE"), "{health}");
}

#[tokio::test]
async fn r63_a_cluster_that_serves_not_all_slots_is_never_ready() {
    let arguments = [
        "--cluster-node-timeout",
        "1000",
        "--cluster-require-full-coverage",
    ];
    for coverage in ["yes", "no"] {
        let arguments: Vec<_> = arguments.iter().copied().chain([coverage]).collect();
        let Some(mut cluster) = RedisCluster::start_with(0, &arguments) else {
            return;
        };
        let store = open(&cluster.url());
        ready(&*store).await;
        let lost = cluster.primaries[2].port().to_string();
        cluster.primaries[2].kill();
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            let health = store.health().await;
            match (coverage, &health) {
                ("yes", StoreHealth::Unusable { error, reason }) => {
                    assert_eq!(*error, StoreError::Unavailable);
                    assert!(reason.contains("does not serve all slots"), "{reason}");
                    break;
                }
                ("no", StoreHealth::Degraded(reason)) => {
                    assert!(reason.contains(&lost), "{reason}");
                    break;
                }
                (_, StoreHealth::Ready) => panic!("{coverage}: ready"),
                // The others have not noticed yet.
                _ => assert!(
                    std::time::Instant::now() < deadline,
                    "{coverage}: {health:?}"
                ),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
