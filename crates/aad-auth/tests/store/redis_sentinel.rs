//! A primary that Sentinel names.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    secret::Secret,
    store::{Key, RedisOptions, RedisStore, Store, StoreHealth},
};

use crate::{
    load::{Load, ready},
    support::sentinel::RedisWithSentinels,
};

fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(RedisStore::open(&RedisOptions::new(Secret::from(url))).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r62_a_failover_by_sentinel_loses_nothing_that_was_replicated() {
    let Some(mut servers) = RedisWithSentinels::start() else {
        return;
    };
    let store = open(&servers.url());
    ready(&*store).await;
    let load = Load::begin(&store, "before");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = load.end().await;
    assert!(
        before.live.len() > 10 && before.refused == 0,
        "a test of nothing"
    );
    // One sentinel that is gone does no harm.
    servers.sentinels[0].kill();
    tokio::task::block_in_place(|| servers.kill_primary());
    ready(&*store).await;
    before.check(&*store).await;
    let load = Load::begin(&store, "after");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after = load.end().await;
    assert!(after.live.len() > 10, "a test of nothing");
    after.check(&*store).await;
}

#[tokio::test]
async fn r60_a_service_that_no_sentinel_knows_and_a_sentinel_taken_for_a_server_are_named() {
    let Some(servers) = RedisWithSentinels::start() else {
        return;
    };
    let sentinel = servers.sentinels[0].url();
    for (url, remedy) in [
        (servers.url().replace("/main", "/other"), "sentinel monitor"),
        (sentinel, "redis+sentinel://"),
        (
            servers
                .primary
                .url()
                .replace("redis://", "redis+sentinel://")
                + "/main",
            "answers ERR",
        ),
    ] {
        let store = open(&url);
        let key = Key::new("label:s:a").unwrap();
        assert!(store.get(&key).await.is_err(), "{url}");
        let StoreHealth::Unusable { reason, .. } = store.health().await else {
            panic!("{url}: {:?}", store.health().await)
        };
        assert!(reason.contains(remedy), "{url}: {reason}");
    }
}

#[tokio::test]
async fn sentinels_that_ask_for_a_password_get_that_of_the_servers() {
    let Some(servers) = RedisWithSentinels::start() else {
        return;
    };
    servers.primary.tell("ACL SETUSER default >canary");
    for sentinel in &servers.sentinels {
        sentinel.tell("ACL SETUSER default >canary");
    }
    let url = servers.url();
    ready(&*open(&url.replace("//", "//:canary@"))).await;
    let StoreHealth::Unusable { reason, .. } = open(&url).health().await else {
        panic!("usable without a password")
    };
    assert!(reason.contains("password"), "{reason}");
}
