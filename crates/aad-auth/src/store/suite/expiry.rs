//! Properties of expiry.

use std::time::Duration;

use super::{
    Subject,
    subject::{LONG, SHORT, ok},
};
use crate::store::Updated;

/// `get` does not return an expired record.
pub async fn an_expired_record_is_absent(subject: &Subject) {
    let (short, long) = (subject.key("short"), subject.key("long"));
    subject.create(&short, b"one", SHORT).await;
    subject.create(&long, b"two", LONG).await;
    subject.pass(SHORT).await;
    assert_eq!(subject.value(&short).await, None);
    assert_eq!(subject.value(&long).await.as_deref(), Some(&b"two"[..]));
    assert!(!ok(subject.store.delete(&short).await));
}

/// `create` treats an expired record as absent.
pub async fn an_expired_record_can_be_created_again(subject: &Subject) {
    let key = subject.key("a");
    subject.create(&key, b"one", SHORT).await;
    subject.pass(SHORT).await;
    subject.create(&key, b"two", LONG).await;
    subject.pass(SHORT).await;
    assert_eq!(subject.value(&key).await.as_deref(), Some(&b"two"[..]));
}

/// `update` and `touch` treat an expired record as absent.
pub async fn an_expired_record_cannot_be_updated_or_touched(subject: &Subject) {
    let key = subject.key("a");
    let version = subject.create(&key, b"one", SHORT).await;
    subject.pass(SHORT).await;
    assert!(!ok(subject.store.touch(&key, LONG).await));
    let updated = ok(subject.store.update(&key, version, b"two", LONG).await);
    assert_eq!(updated, Updated::Missing);
    assert_eq!(subject.value(&key).await, None);
}

/// `update` starts a new life, and does not keep the rest of the old one.
pub async fn update_starts_a_new_life(subject: &Subject) {
    let (longer, shorter) = (subject.key("longer"), subject.key("shorter"));
    let first = subject.create(&longer, b"one", 2 * SHORT).await;
    let second = subject.create(&shorter, b"one", LONG).await;
    let updated = ok(subject.store.update(&longer, first, b"two", LONG).await);
    assert!(matches!(updated, Updated::Written(_)));
    let updated = ok(subject.store.update(&shorter, second, b"two", SHORT).await);
    assert!(matches!(updated, Updated::Written(_)));
    subject.pass(2 * SHORT).await;
    assert!(subject.value(&longer).await.is_some());
    assert!(subject.value(&shorter).await.is_none());
}

/// `touch` sets the remaining life, in both directions.
pub async fn touch_lengthens_and_shortens_a_life(subject: &Subject) {
    let (longer, shorter) = (subject.key("longer"), subject.key("shorter"));
    subject.create(&longer, b"one", 2 * SHORT).await;
    subject.create(&shorter, b"one", LONG).await;
    assert!(ok(subject.store.touch(&longer, LONG).await));
    assert!(ok(subject.store.touch(&shorter, SHORT).await));
    subject.pass(2 * SHORT).await;
    assert!(subject.value(&longer).await.is_some());
    assert!(subject.value(&shorter).await.is_none());
}

/// `expires_at` is the end of the life, to within a second.
pub async fn says_when_a_record_ends(subject: &Subject) {
    let key = subject.key("a");
    subject.create(&key, b"one", LONG).await;
    assert_ends_in(subject, LONG).await;
    assert!(ok(subject.store.touch(&key, 2 * LONG).await));
    assert_ends_in(subject, 2 * LONG).await;
}

async fn assert_ends_in(subject: &Subject, life: Duration) {
    let record = ok(subject.store.get(&subject.key("a")).await).expect("the record lives");
    let rest = record.expires_at.since(subject.now());
    let error = rest.abs_diff(life);
    assert!(error < Duration::from_secs(1), "{rest:?} left of {life:?}");
}
