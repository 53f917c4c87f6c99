use super::*;
use crate::{
    clock::{ManualClock, Timestamp},
    random::SystemRandom,
    seal::InstanceLabel,
    store::MemoryStore,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn watch(store: &Arc<MemoryStore>, secrets: &[&str]) -> ReplicaKeys {
    ReplicaKeys {
        replicas: Weak::new(),
        store: Arc::clone(store) as Arc<dyn Store>,
        keys: Arc::new(Keys::new(secrets, InstanceLabel::new("a", "b", "c")).unwrap()),
        random: Arc::new(SystemRandom),
    }
}

#[tokio::test]
async fn another_secret_is_noticed_until_its_instance_has_gone() {
    let clock = ManualClock::at(NOW);
    let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    let (one, other) = (watch(&store, &["one"]), watch(&store, &["other"]));
    assert!(!one.compare(1).await.unwrap());
    assert!(other.compare(2).await.unwrap());
    assert!(one.compare(1).await.unwrap());
    clock.advance(FINGERPRINT_LIFE + Duration::from_secs(1));
    assert!(!one.compare(1).await.unwrap());
}

#[tokio::test]
async fn the_three_roll_outs_of_a_rotation_are_no_fault_and_a_shorter_way_is() {
    let store = || Arc::new(MemoryStore::new(Arc::new(ManualClock::at(NOW))));
    for (before, after, fault) in [
        (&["old"][..], &["old", "new"][..], false),
        (&["old", "new"], &["new", "old"], false),
        (&["new", "old"], &["new"], false),
        // The old instances meet what they cannot open.
        (&["old"], &["new", "old"], true),
    ] {
        let store = store();
        let (before, after) = (watch(&store, before), watch(&store, after));
        after.compare(2).await.unwrap();
        assert_eq!(before.compare(1).await.unwrap(), fault);
        assert!(!after.compare(2).await.unwrap());
    }
}

#[test]
fn a_fingerprint_differs_from_everything_else_that_names_the_key() {
    let keys = Keys::new(&["secret"], InstanceLabel::new("a", "b", "c")).unwrap();
    let other = Keys::new(&["secret"], InstanceLabel::new("a", "b", "d")).unwrap();
    assert_ne!(keys.current().fingerprint(), other.current().fingerprint());
}
