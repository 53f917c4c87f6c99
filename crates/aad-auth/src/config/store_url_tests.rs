//! Addresses of stores, by what is refused.

use super::*;

#[test]
fn reads_the_known_forms() {
    assert!(matches!("memory".parse(), Ok(StoreUrl::Memory)));
    for text in ["file:/a/b.redb", "file:///a/b.redb"] {
        let Ok(StoreUrl::File(path)) = text.parse() else {
            panic!("{text}")
        };
        assert_eq!(path, PathBuf::from("/a/b.redb"));
    }
    for text in [
        "redis://127.0.0.1",
        "rediss://user:p%40ss@host:6380/3",
        "redis://[::1]:6379/",
        "redis+cluster://a:7001,b:7002/",
        "rediss+sentinel://s1:26379,s2:26379/main",
    ] {
        assert!(matches!(text.parse(), Ok(StoreUrl::Redis(_))), "{text}");
    }
}

#[test]
fn refuses_what_it_cannot_use_and_never_repeats_it() {
    let cases = [
        ("", BadStoreUrl::Unknown),
        ("postgres://canary", BadStoreUrl::Unknown),
        ("/var/lib/canary", BadStoreUrl::Unknown),
        ("file:", BadStoreUrl::NoPath),
        ("file:///", BadStoreUrl::NoPath),
        ("redis://", BadStoreUrl::NoHost),
        ("redis://u:canary@:x", BadStoreUrl::NotAUrl),
        ("redis://h/canary", BadStoreUrl::NotADatabase),
        ("redis://h/0/1", BadStoreUrl::NotADatabase),
        ("redis://h/0?p=canary", BadStoreUrl::Query),
        ("redis://canary,h", BadStoreUrl::SeveralHosts),
        ("redis+cluster://canary/1", BadStoreUrl::ClusterDatabase),
        ("redis+sentinel://canary", BadStoreUrl::NoService),
        ("redis://u:canary#x@h", BadStoreUrl::Query),
    ];
    for (text, expected) in cases {
        let refusal = text.parse::<StoreUrl>().unwrap_err();
        assert_eq!(refusal, expected, "{text}");
        assert!(!refusal.to_string().contains("canary"), "{text}");
    }
}

#[test]
fn debug_shows_no_password() {
    let url: StoreUrl = "redis://u:canary@h".parse().unwrap();
    assert!(!format!("{url:?}").contains("canary"));
}
