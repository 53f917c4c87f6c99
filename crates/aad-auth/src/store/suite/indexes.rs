//! Properties of index sets.

use futures_util::future::join_all;

use super::{
    Subject,
    subject::{LONG, SHORT, ok},
};

/// `index_list` lists the members that were put. An unknown set is empty.
pub async fn lists_its_members(subject: &Subject) {
    let set = subject.key("set");
    assert_eq!(subject.members(&set).await, []);
    ok(subject.store.index_put(&set, "b", b"two\0\xff", LONG).await);
    ok(subject.store.index_put(&set, "a", b"", LONG).await);
    let other = subject.key("other");
    ok(subject.store.index_put(&other, "c", b"3", LONG).await);
    let expected = [("a".into(), vec![]), ("b".into(), b"two\0\xff".to_vec())];
    assert_eq!(subject.members(&set).await, expected);
}

/// A member of the same name is replaced.
pub async fn replaces_a_member_of_the_same_name(subject: &Subject) {
    let set = subject.key("set");
    ok(subject.store.index_put(&set, "a", b"one", SHORT).await);
    ok(subject.store.index_put(&set, "a", b"two", LONG).await);
    subject.pass(SHORT).await;
    let expected = [("a".into(), b"two".to_vec())];
    assert_eq!(subject.members(&set).await, expected);
}

/// `index_remove` removes this member only, and a second call returns false.
pub async fn removes_one_member(subject: &Subject) {
    let set = subject.key("set");
    assert!(!ok(subject.store.index_remove(&set, "a").await));
    ok(subject.store.index_put(&set, "a", b"1", LONG).await);
    ok(subject.store.index_put(&set, "ab", b"2", LONG).await);
    assert!(ok(subject.store.index_remove(&set, "a").await));
    assert!(!ok(subject.store.index_remove(&set, "a").await));
    let rest = [("ab".into(), b"2".to_vec())];
    assert_eq!(subject.members(&set).await, rest);
    assert!(ok(subject.store.index_remove(&set, "ab").await));
    assert_eq!(subject.members(&set).await, []);
}

/// A record and a set of the same key are independent.
pub async fn sets_and_records_do_not_meet(subject: &Subject) {
    let key = subject.key("same");
    subject.create(&key, b"record", LONG).await;
    ok(subject.store.index_put(&key, "a", b"member", LONG).await);
    assert_eq!(subject.value(&key).await.as_deref(), Some(&b"record"[..]));
    assert!(ok(subject.store.delete(&key).await));
    assert_eq!(subject.members(&key).await.len(), 1);
    assert_eq!(subject.value(&key).await, None);
}

/// An expired member is not listed, and counts as absent.
pub async fn an_expired_member_is_not_listed(subject: &Subject) {
    let set = subject.key("set");
    ok(subject.store.index_put(&set, "short", b"1", SHORT).await);
    ok(subject.store.index_put(&set, "long", b"2", LONG).await);
    subject.pass(SHORT).await;
    let rest = [("long".into(), b"2".to_vec())];
    assert_eq!(subject.members(&set).await, rest);
    assert!(!ok(subject.store.index_remove(&set, "short").await));
}

/// A later member with a shorter life does not shorten the life of the set.
pub async fn a_set_lives_as_long_as_its_longest_member(subject: &Subject) {
    let set = subject.key("set");
    ok(subject.store.index_put(&set, "long", b"1", LONG).await);
    ok(subject.store.index_put(&set, "short", b"2", SHORT).await);
    subject.pass(2 * SHORT).await;
    ok(subject.store.index_put(&set, "short", b"3", SHORT).await);
    subject.pass(2 * SHORT).await;
    let rest = [("long".into(), b"1".to_vec())];
    assert_eq!(subject.members(&set).await, rest);
}

/// A member may outlive the record that it names, and can be removed.
pub async fn members_may_dangle(subject: &Subject) {
    let (set, record) = (subject.key("set"), subject.key("record"));
    let name = record.as_str();
    ok(subject.store.index_put(&set, name, b"handle", LONG).await);
    subject.create(&record, b"session", LONG).await;
    ok(subject.store.delete(&record).await);
    assert_eq!(subject.members(&set).await.len(), 1);
    assert_eq!(subject.value(&record).await, None);
    assert!(ok(subject.store.index_remove(&set, name).await));
    assert_eq!(subject.members(&set).await, []);
}

/// Concurrent puts and removals of members do not undo each other.
pub async fn concurrent_members_are_all_kept(subject: &Subject) {
    let set = subject.key("set");
    for n in 0..50 {
        let name = format!("old-{n}");
        ok(subject.store.index_put(&set, &name, b"x", LONG).await);
    }
    let tasks = (0..50).map(|n| {
        let (store, set) = (std::sync::Arc::clone(&subject.store), set.clone());
        tokio::spawn(async move {
            ok(store.index_put(&set, &format!("new-{n}"), b"x", LONG).await);
            assert!(ok(store.index_remove(&set, &format!("old-{n}")).await));
        })
    });
    for outcome in join_all(tasks).await {
        outcome.expect("a writer panicked");
    }
    let members = subject.members(&set).await;
    assert_eq!(members.len(), 50);
    assert!(members.iter().all(|(name, _)| name.starts_with("new-")));
}
