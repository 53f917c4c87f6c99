//! Properties of single records.

use super::{
    Subject,
    subject::{LONG, ok},
};
use crate::store_room::{Created, StoreError, Updated};

/// `get_two` returns the same as two calls of `get`.
pub async fn reads_two_at_once(subject: &Subject) {
    let (here, gone) = (subject.key("two-here"), subject.key("two-gone"));
    let version = subject.create(&here, b"one", LONG).await;
    let there = |record: &Option<crate::store::Record>| {
        record
            .as_ref()
            .map(|record| (record.value.to_vec(), record.version))
    };
    let expected = Some((b"one".to_vec(), version));
    let (first, second) = ok(subject.store.get_two(&here, &gone).await);
    assert_eq!((there(&first), there(&second)), (expected.clone(), None));
    let (first, second) = ok(subject.store.get_two(&gone, &here).await);
    assert_eq!((there(&first), there(&second)), (None, expected.clone()));
    let (first, second) = ok(subject.store.get_two(&here, &here).await);
    assert_eq!(
        (there(&first), there(&second)),
        (expected.clone(), expected)
    );
}

/// `alive` answers in the order of the keys, and with an empty list for no keys.
pub async fn tells_which_records_live(subject: &Subject) {
    assert!(ok(subject.store.alive(&[]).await).is_empty());
    let keys: Vec<_> = (0..600)
        .map(|n| subject.key(&format!("alive-{n}")))
        .collect();
    for key in keys.iter().step_by(3) {
        subject.create(key, b"", LONG).await;
    }
    ok(subject.store.delete(&keys[3]).await);
    let alive = ok(subject.store.alive(&keys).await);
    let expected: Vec<_> = (0..600).map(|n| n % 3 == 0 && n != 3).collect();
    assert!(alive == expected, "in the order of the keys");
}

/// `get` returns value and version as written, and `None` before.
pub async fn reads_what_was_written(subject: &Subject) {
    let key = subject.key("a");
    assert!(ok(subject.store.get(&key).await).is_none());
    let version = subject.create(&key, b"one", LONG).await;
    let record = ok(subject.store.get(&key).await).expect("a record was created");
    assert_eq!(&*record.value, b"one");
    assert_eq!(record.version, version);
}

/// Values are any bytes: zeros, invalid UTF-8, an empty value, the largest.
pub async fn keeps_any_bytes(subject: &Subject) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let largest = vec![0xA5; crate::store::MAX_VALUE];
    let values: [&[u8]; 5] = [b"", b"\0", b"\xff\xfe\r\n", &every_byte, &largest];
    for (n, value) in values.into_iter().enumerate() {
        let key = subject.key(&format!("bytes-{n}"));
        let version = subject.create(&key, b"before", LONG).await;
        ok(subject.store.update(&key, version, value, LONG).await);
        assert!(subject.value(&key).await.as_deref() == Some(value), "{n}");
    }
}

/// `create` does not change a live record.
pub async fn creation_refuses_a_live_record(subject: &Subject) {
    let key = subject.key("a");
    let version = subject.create(&key, b"one", LONG).await;
    let second = ok(subject.store.create(&key, b"two", LONG).await);
    assert_eq!(second, Created::Exists);
    let record = ok(subject.store.get(&key).await).expect("the record lives");
    assert_eq!((&*record.value, record.version), (&b"one"[..], version));
}

/// `update` with the present version replaces the value and gives a new version.
pub async fn update_replaces_and_changes_the_version(subject: &Subject) {
    let key = subject.key("a");
    let first = subject.create(&key, b"one", LONG).await;
    let updated = ok(subject.store.update(&key, first, b"two", LONG).await);
    let Updated::Written(second) = updated else {
        unreachable!("update with the present version answered {updated:?}")
    };
    assert_ne!(first, second, "the version must change with each write");
    let record = ok(subject.store.get(&key).await).expect("the record lives");
    assert_eq!((&*record.value, record.version), (&b"two"[..], second));
}

/// `update` with a version that was replaced is refused and changes nothing.
pub async fn update_refuses_an_old_version(subject: &Subject) {
    let key = subject.key("a");
    let first = subject.create(&key, b"one", LONG).await;
    ok(subject.store.update(&key, first, b"two", LONG).await);
    let late = ok(subject.store.update(&key, first, b"three", LONG).await);
    assert_eq!(late, Updated::Conflict);
    assert_eq!(subject.value(&key).await.as_deref(), Some(&b"two"[..]));
}

/// `update` never creates a record, so that a session is not restored after its sign-out.
pub async fn update_of_a_missing_record_creates_nothing(subject: &Subject) {
    let key = subject.key("a");
    let version = subject.create(&key, b"one", LONG).await;
    assert!(ok(subject.store.delete(&key).await));
    let late = ok(subject.store.update(&key, version, b"two", LONG).await);
    assert_eq!(late, Updated::Missing);
    assert_eq!(subject.value(&key).await, None);
}

/// A version never recurs for a key, not even after deletion and creation.
pub async fn update_refuses_the_version_of_a_deleted_predecessor(subject: &Subject) {
    let key = subject.key("a");
    let mut old = Vec::new();
    for _ in 0..8 {
        old.push(subject.create(&key, b"same", LONG).await);
        assert!(ok(subject.store.delete(&key).await));
    }
    subject.create(&key, b"same", LONG).await;
    for version in old {
        let late = ok(subject.store.update(&key, version, b"old", LONG).await);
        assert_eq!(late, Updated::Conflict);
    }
    assert_eq!(subject.value(&key).await.as_deref(), Some(&b"same"[..]));
}

/// `touch` of a missing record answers false and creates nothing.
pub async fn touch_never_creates(subject: &Subject) {
    let key = subject.key("a");
    assert!(!ok(subject.store.touch(&key, LONG).await));
    assert_eq!(subject.value(&key).await, None);
    subject.create(&key, b"one", LONG).await;
    ok(subject.store.delete(&key).await);
    assert!(!ok(subject.store.touch(&key, LONG).await));
    assert_eq!(subject.value(&key).await, None);
}

/// `touch` changes no version: an update with the version from before succeeds.
pub async fn touch_leaves_value_and_version(subject: &Subject) {
    let key = subject.key("a");
    let version = subject.create(&key, b"one", LONG).await;
    assert!(ok(subject.store.touch(&key, LONG).await));
    let record = ok(subject.store.get(&key).await).expect("the record lives");
    assert_eq!((&*record.value, record.version), (&b"one"[..], version));
    let updated = ok(subject.store.update(&key, version, b"two", LONG).await);
    assert!(matches!(updated, Updated::Written(_)));
}

/// A second `delete` returns false, and no error.
pub async fn deletion_is_idempotent(subject: &Subject) {
    let key = subject.key("a");
    assert!(!ok(subject.store.delete(&key).await));
    subject.create(&key, b"one", LONG).await;
    assert!(ok(subject.store.delete(&key).await));
    assert_eq!(subject.value(&key).await, None);
    assert!(!ok(subject.store.delete(&key).await));
}

/// Thousands of records, written concurrently, are kept apart.
pub async fn keeps_thousands_of_keys_apart(subject: &Subject) {
    const KEYS: usize = 4000;
    let keys: Vec<_> = (0..KEYS).map(|n| subject.key(&format!("n{n}"))).collect();
    let creations = keys.iter().enumerate().map(|(n, key)| async move {
        subject.create(key, format!("v{n}").as_bytes(), LONG).await;
    });
    futures_util::future::join_all(creations).await;
    let deletions = keys.iter().step_by(2).map(|key| async move {
        assert!(ok(subject.store.delete(key).await));
    });
    futures_util::future::join_all(deletions).await;
    for (n, key) in keys.iter().enumerate() {
        let expected = (n % 2 == 1).then(|| format!("v{n}").into_bytes());
        assert_eq!(subject.value(key).await, expected, "key {n}");
    }
}

/// After `close` nothing is read or written, and closing again is no error.
pub async fn a_closed_store_refuses(subject: &Subject) {
    let key = subject.key("a");
    subject.create(&key, b"one", LONG).await;
    ok(subject.store.close().await);
    ok(subject.store.close().await);
    assert!(matches!(
        subject.store.get(&key).await,
        Err(StoreError::Stopped)
    ));
    let late = subject.store.create(&key, b"two", LONG).await;
    assert_eq!(late, Err(StoreError::Stopped));
    assert!(!subject.store.health().await.is_usable());
}
