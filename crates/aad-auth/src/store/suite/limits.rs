//! Properties of the bounds.

use std::time::Duration;

use super::{
    Subject,
    subject::{LONG, ok},
};
use crate::store_room::{
    MAX_MEMBER, MAX_MEMBER_VALUE, MAX_MEMBERS, MAX_VALUE, StoreError, StoreHealth, Updated,
};

/// A value that is a byte too long is refused, and the record is not changed.
pub async fn refuses_large_values(subject: &Subject) {
    let (key, new) = (subject.key("a"), subject.key("b"));
    let large = vec![0; MAX_VALUE + 1];
    let version = subject.create(&key, b"one", LONG).await;
    let update = subject.store.update(&key, version, &large, LONG).await;
    assert_eq!(update, Err(StoreError::TooLarge));
    let creation = subject.store.create(&new, &large, LONG).await;
    assert_eq!(creation, Err(StoreError::TooLarge));
    assert_eq!(subject.value(&key).await.as_deref(), Some(&b"one"[..]));
    assert_eq!(subject.value(&new).await, None);
    assert_eq!(subject.store.health().await, StoreHealth::Ready);
}

/// Member names follow the rules of keys, and member values are bounded.
pub async fn refuses_malformed_members(subject: &Subject) {
    let set = subject.key("set");
    let long = "m".repeat(MAX_MEMBER + 1);
    for name in ["", "a b", "a\0", "é", &long] {
        let put = subject.store.index_put(&set, name, b"", LONG).await;
        assert_eq!(put, Err(StoreError::TooLarge), "{name:?}");
    }
    let large = vec![0; MAX_MEMBER_VALUE + 1];
    let put = subject.store.index_put(&set, "a", &large, LONG).await;
    assert_eq!(put, Err(StoreError::TooLarge));
    assert_eq!(subject.members(&set).await, []);
}

/// A set is bounded. In a full set members can be replaced, and expired members make room.
pub async fn refuses_too_many_members(subject: &Subject) {
    let (set, soon) = (&subject.key("set"), Duration::from_secs(1));
    let puts = (1..MAX_MEMBERS).map(|n| async move {
        let name = format!("m{n}");
        ok(subject.store.index_put(set, &name, b"x", LONG).await);
    });
    futures_util::future::join_all(puts).await;
    ok(subject.store.index_put(set, "m0", b"x", soon).await);
    ok(subject.store.index_put(set, "m1", b"y", LONG).await);
    let put = subject.store.index_put(set, "more", b"x", LONG).await;
    assert_eq!(put, Err(StoreError::Full));
    subject.pass(soon).await;
    ok(subject.store.index_put(set, "more", b"x", LONG).await);
    assert_eq!(subject.members(set).await.len(), MAX_MEMBERS);
}

/// A life of zero and an endless life are clamped, not refused.
pub async fn accepts_extreme_lives(subject: &Subject) {
    let (none, endless) = (subject.key("none"), subject.key("endless"));
    subject.create(&none, b"one", Duration::ZERO).await;
    let version = subject.create(&endless, b"one", Duration::MAX).await;
    ok(subject
        .store
        .index_put(&none, "a", b"", Duration::ZERO)
        .await);
    ok(subject
        .store
        .index_put(&endless, "a", b"", Duration::MAX)
        .await);
    assert!(ok(subject.store.touch(&endless, Duration::MAX).await));
    let update = subject
        .store
        .update(&endless, version, b"two", Duration::MAX)
        .await;
    assert!(matches!(ok(update), Updated::Written(_)));
    subject.pass(Duration::from_millis(20)).await;
    assert_eq!(subject.value(&none).await, None);
    assert_eq!(subject.members(&none).await, []);
    assert_eq!(subject.value(&endless).await.as_deref(), Some(&b"two"[..]));
    assert_eq!(subject.members(&endless).await.len(), 1);
}

/// If application data has a bound (`StoreStats::application_capacity`) of at most 64 MiB, it is refused at
/// its bound while records of sign-ins are written. Deleted data makes room again.
pub async fn application_data_leaves_sign_ins_their_room(subject: &Subject) {
    let store = &subject.store;
    let Some(bound) = store.stats().application_capacity else {
        return;
    };
    if bound > 64 * 1024 * 1024 {
        return;
    }
    let large = vec![7; MAX_VALUE];
    let mut written = 0;
    let refusal = loop {
        let key = subject.application_key(written);
        match store.create(&key, &large, LONG).await {
            Ok(_) => written += 1,
            Err(refusal) => break refusal,
        }
        let bytes = written.saturating_mul(MAX_VALUE as u64);
        assert!(
            bytes <= bound,
            "{bytes} bytes of application data, of {bound}"
        );
    };
    assert_eq!(refusal, StoreError::Full);
    assert!(matches!(store.health().await, StoreHealth::Degraded(_)));
    let record = subject.key("sign-in");
    let version = subject.create(&record, &large, LONG).await;
    ok(store.index_put(&record, "member", b"x", LONG).await);
    let update = store.update(&record, version, &large, LONG).await;
    assert!(matches!(ok(update), Updated::Written(_)));
    assert!(ok(store.delete(&subject.application_key(0)).await));
    ok(store
        .create(&subject.application_key(0), &large, LONG)
        .await);
}
