//! Addresses of Redis, by what is refused.

use super::*;

fn host(host: &str, port: u16) -> RedisHost {
    let host = host.to_owned();
    RedisHost { host, port }
}

#[test]
fn reads_servers_clusters_and_sentinels() {
    let sentinel = |service: &str, database| RedisKind::Sentinel {
        service: service.to_owned(),
        database,
    };
    let server = |database| RedisKind::Server { database };
    for (text, tls, hosts, kind) in [
        ("redis://h", false, vec![host("h", 6379)], server(0)),
        ("rediss://h:1/3", true, vec![host("h", 1)], server(3)),
        ("redis://[::1]:7/", false, vec![host("::1", 7)], server(0)),
        (
            "redis+cluster://a:7001,b/",
            false,
            vec![host("a", 7001), host("b", 6379)],
            RedisKind::Cluster,
        ),
        (
            "rediss+cluster://u:p@[::1]:1,10.0.0.1:2/0",
            true,
            vec![host("::1", 1), host("10.0.0.1", 2)],
            RedisKind::Cluster,
        ),
        (
            "redis+sentinel://s1,s2:5/my-primary",
            false,
            vec![host("s1", 26379), host("s2", 5)],
            sentinel("my-primary", 0),
        ),
        (
            "rediss+sentinel://:p%40ss@s1/main/2",
            true,
            vec![host("s1", 26379)],
            sentinel("main", 2),
        ),
    ] {
        let url = RedisUrl::parse(text).unwrap();
        assert_eq!((url.tls, url.hosts, url.kind), (tls, hosts, kind), "{text}");
    }
}

#[test]
fn r60_refuses_an_address_that_only_half_names_a_cluster_or_a_sentinel() {
    for (text, refusal) in [
        ("redis://a,b/0", BadStoreUrl::SeveralHosts),
        ("redis+cluster://", BadStoreUrl::NoHost),
        ("redis+cluster://a,,b/", BadStoreUrl::NoHost),
        ("redis+cluster://a/1", BadStoreUrl::ClusterDatabase),
        ("redis+cluster://a/canary", BadStoreUrl::ClusterDatabase),
        ("redis+sentinel://a", BadStoreUrl::NoService),
        ("redis+sentinel://a/", BadStoreUrl::NoService),
        ("redis+sentinel://a/b c", BadStoreUrl::NoService),
        ("redis+sentinel://a/b/canary", BadStoreUrl::NotADatabase),
        ("redis+cluster://a:canary/", BadStoreUrl::NotAUrl),
        ("redis+canary://a/", BadStoreUrl::Unknown),
        ("redis-cluster://a/", BadStoreUrl::Unknown),
        ("redis+cluster://a?canary", BadStoreUrl::Query),
    ] {
        let found = RedisUrl::parse(text).err();
        assert_eq!(found, Some(refusal), "{text}");
    }
    let many = vec!["a"; MAX_HOSTS + 1].join(",");
    let found = RedisUrl::parse(&format!("redis+cluster://{many}/")).err();
    assert_eq!(found, Some(BadStoreUrl::SeveralHosts));
}

#[cfg(feature = "redis")]
#[test]
fn the_address_of_a_node_keeps_user_password_and_tls() {
    let url = RedisUrl::parse("rediss+cluster://u:p%40ss@a,b/").unwrap();
    let (node, sentinel) = (host("::1", 9), host("s", 8));
    let full = url.of_server(&node);
    assert_eq!(full.expose_secret(), "rediss://u:p%40ss@[::1]:9/0");
    let bare = url.of_sentinel(&sentinel, false);
    assert_eq!(bare.expose_secret(), "rediss://s:8/0");
}
