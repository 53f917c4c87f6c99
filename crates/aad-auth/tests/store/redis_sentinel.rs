//! A primary that Sentinel names.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};

use aad_auth::{
    internals::secret::Secret,
    store::{Key, RedisOptions, RedisStore, Store, StoreHealth},
};

use crate::{
    load::{Load, ready},
    support::{cluster::role, sentinel::RedisWithSentinels, wait_until},
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
            "is no sentinel",
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

/// What is wrong with the servers at `url`, which are not used.
async fn refusal(url: &str) -> String {
    let store = open(url);
    let key = Key::new("label:s:a").unwrap();
    let read = store.get(&key).await;
    assert!(read.is_err(), "{url} is read");
    match store.health().await {
        StoreHealth::Unusable { reason, .. } => reason,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn r67_a_demoted_server_that_a_stale_sentinel_names_is_not_read_whatever_its_user_may_ask() {
    let Some(mut servers) = RedisWithSentinels::start() else {
        return;
    };
    // One sentinel alone can neither learn of the change nor undo it.
    servers.sentinels[1].kill();
    servers.sentinels[2].kill();
    let rights = "on >canary ~aad:* &* +@all";
    for server in [&servers.primary, &servers.replica] {
        server.tell(&format!("ACL SETUSER both {rights}"));
        server.tell(&format!("ACL SETUSER role {rights} -info"));
        server.tell(&format!("ACL SETUSER info {rights} -role"));
        server.tell(&format!("ACL SETUSER none {rights} -info -role"));
    }
    let sentinel = servers.sentinels[0].port();
    let url = |user: &str| format!("redis+sentinel://{user}:canary@127.0.0.1:{sentinel}/main");
    for user in ["both", "role", "info"] {
        ready(&*open(&url(user))).await;
    }
    // Not even while it is the primary: it may be another one at the next connection.
    let said = refusal(&url("none")).await;
    assert!(said.contains("+info") && said.contains("+role"), "{said}");
    assert!(!said.contains("canary"), "{said}");

    servers.replica.tell("REPLICAOF NO ONE");
    let replica = servers.replica.port();
    let follow = format!("REPLICAOF 127.0.0.1 {replica}");
    servers.primary.tell(&follow);
    wait_until("the primary is demoted", || {
        role(&servers.primary) == "slave"
    });
    for user in ["both", "role", "info"] {
        let said = refusal(&url(user)).await;
        assert!(said.contains("is a replica although"), "{user}: {said}");
    }
    let said = refusal(&url("none")).await;
    assert!(said.contains("+info"), "{said}");
}

/// A sentinel that calls `host` the primary of every service. A real one names no such host. Its port.
fn sentinel_that_names(host: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = format!("*2\r\n${}\r\n{host}\r\n$4\r\n6379\r\n", host.len());
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let address = address.clone();
            thread::spawn(move || {
                let mut heard = [0; 4096];
                while let Ok(length @ 1..) = client.read(&mut heard) {
                    // What the library says first, each command in an array.
                    let text = String::from_utf8_lossy(&heard[..length]).into_owned();
                    for command in text.split('*').skip(1) {
                        let asked = command.contains("GET-MASTER");
                        let answer = if asked { &address } else { "+OK\r\n" };
                        client.write_all(answer.as_bytes()).unwrap();
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn r68_a_primary_whose_name_is_no_host_is_not_connected_to() {
    for host in [
        "x@127.0.0.1",
        "127.0.0.1/0?",
        "127.0.0.1#",
        "a\nforged",
        "",
        "a%00",
    ] {
        let port = sentinel_that_names(host);
        let url = format!("redis+sentinel://user:canary@127.0.0.1:{port}/main");
        let said = refusal(&url).await;
        assert!(
            said.contains("address that cannot be used"),
            "{host}: {said}"
        );
    }
}
