//! What an instance notices of the other instances of its application: that they keep their
//! sessions elsewhere, or have another secret. Both end in sign-ins that do not last.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Attempt, attempt};
use crate::{
    clock::Timestamp,
    random::{self, Random},
    seal::Keys,
    session::instance_key,
    store::{Store, StoreError},
};

/// What is known of the other instances.
pub struct Replicas {
    /// The mark of this instance in the attempts that it seals. Never 0, the mark of an attempt
    /// that an earlier release has sealed.
    mark: u64,
    started: Timestamp,
    /// Until when (milliseconds) another instance is taken to run with a store of its own.
    separate_stores_until: AtomicU64,
    foreign_key: AtomicBool,
}

impl Replicas {
    pub(super) fn new(random: &dyn Random, now: Timestamp) -> Self {
        Self {
            mark: u64::from_be_bytes(random::bytes(random)).max(1),
            started: now,
            separate_stores_until: AtomicU64::new(0),
            foreign_key: AtomicBool::new(false),
        }
    }

    pub(super) const fn mark(&self) -> u64 {
        self.mark
    }

    /// Whether another instance keeps its sessions in a store of its own, although it has our
    /// keys and address. So it is for an hour after the last attempt that shows it: as long as
    /// that instance's attempts may come back here.
    pub fn has_separate_stores(&self, now: Timestamp) -> bool {
        now.millis() < self.separate_stores_until.load(Ordering::Relaxed)
    }

    /// Whether another instance seals under a key that is not among ours.
    pub fn has_foreign_key(&self) -> bool {
        self.foreign_key.load(Ordering::Relaxed)
    }

    /// Looks at an attempt that has opened: has another instance sealed it that runs beside this
    /// one without sharing its store? Then the session that comes of it is unknown there.
    ///
    /// The store is `exclusive`, so that nobody else has it open. Then an attempt with another mark
    /// was sealed by the process before this one, or by one that runs beside it. The former ended
    /// when this one began, give or take a restart that overlaps; what is sealed a good while after
    /// our start comes from the latter. What was sealed before says nothing.
    pub(super) fn notice(&self, attempt: &Attempt, exclusive: bool) {
        let foreign = exclusive
            && attempt.mark != 0
            && attempt.mark != self.mark
            && attempt.started > self.started + OVERLAP;
        if !foreign {
            return;
        }
        let until = (attempt.started + attempt::LIFE).millis();
        let before = self
            .separate_stores_until
            .fetch_max(until, Ordering::Relaxed);
        if before <= attempt.started.millis() {
            tracing::error!("{SEPARATE_STORES}");
        }
    }

    fn note_keys(&self, foreign: bool) {
        if foreign && !self.foreign_key.swap(true, Ordering::Relaxed) {
            tracing::error!("{FOREIGN_KEY}");
        } else if !foreign {
            self.foreign_key.store(false, Ordering::Relaxed);
        }
    }
}

/// What happened, and the remedy.
pub const SEPARATE_STORES: &str = "another instance of this application runs with a session store \
    of its own, so that whoever is signed in at one of them is nobody at the other: set \
    AAD_SESSION_STORE=redis://… for all of them, or run one instance only (and build Auth once, \
    outside the closure of HttpServer::new)";
/// What happened, and the remedy.
pub const FOREIGN_KEY: &str = "another instance of this application seals under a key that this \
    one does not have: give all of them the same AAD_SESSION_SECRET, and rotate it in three \
    roll-outs (append the new one, then move it to the front, then drop the old one)";

/// A restart may overlap for the time of an orderly shutdown, and clocks may differ.
const OVERLAP: Duration = Duration::from_secs(60);

/// Compares the keys of the instances that share a store. Each one publishes a fingerprint of the
/// key that it seals with: derived from the key for this purpose alone, it reveals nothing of it.
pub(super) struct KeyWatch {
    pub(super) fleet: Weak<Replicas>,
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) random: Arc<dyn Random>,
}

impl KeyWatch {
    /// Publishes and compares as long as the instance lives.
    pub(super) async fn run(self) {
        while let Some(fleet) = self.fleet.upgrade() {
            match self.look(fleet.mark).await {
                Ok(foreign) => fleet.note_keys(foreign),
                Err(error) => tracing::debug!(%error, "the instances' keys were not compared"),
            }
            drop(fleet);
            let [jitter] = random::bytes::<1>(&*self.random);
            tokio::time::sleep(EVERY + Duration::from_millis(u64::from(jitter) * 39)).await;
        }
    }

    /// Tells which key we seal with, and whether somebody seals with one that we do not have.
    async fn look(&self, mark: u64) -> Result<bool, StoreError> {
        let set = instance_key(self.keys.label(), "k")?;
        let own = self.keys.current().fingerprint();
        let name = format!("{mark:016x}");
        self.store.index_put(&set, &name, &own, LIFE).await?;
        let members = self.store.index_list(&set).await?;
        Ok(members.iter().any(|member| !self.has(&member.value)))
    }

    fn has(&self, fingerprint: &[u8]) -> bool {
        let mut ours = self.keys.generations().iter();
        ours.any(|generation| generation.fingerprint() == fingerprint)
    }
}

/// Every 20 to 30 seconds.
const EVERY: Duration = Duration::from_secs(20);
/// An instance that has ended is forgotten after this time.
const LIFE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::ManualClock,
        config::BaseUrl,
        random::SystemRandom,
        seal::InstanceLabel,
        sign_in::{AttemptPurpose, BindingCookie},
        store::MemoryStore,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn attempt(mark: u64, started: Timestamp) -> Attempt {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let browser = BindingCookie::new(&SystemRandom);
        let to = base.return_to("/deep");
        let purpose = AttemptPurpose::SignIn;
        let mut attempt = Attempt::new(&SystemRandom, started, &browser, to, purpose);
        attempt.mark = mark;
        attempt
    }

    #[test]
    fn an_attempt_of_another_running_instance_without_our_store_is_noticed() {
        let later = NOW + Duration::from_secs(61);
        let fleet = Replicas::new(&SystemRandom, NOW);
        fleet.notice(&attempt(fleet.mark, later), true);
        // An old release's, and one where the store is shared.
        fleet.notice(&attempt(0, later), true);
        fleet.notice(&attempt(7, later), false);
        assert!(!fleet.has_separate_stores(later));
        fleet.notice(&attempt(7, later), true);
        assert!(fleet.has_separate_stores(later));
        // It lapses when nothing shows it any more, and comes back when something does.
        let lapsed = later + attempt::LIFE;
        assert!(!fleet.has_separate_stores(lapsed));
        fleet.notice(&attempt(7, lapsed), true);
        assert!(fleet.has_separate_stores(lapsed));
    }

    #[test]
    fn an_attempt_of_the_process_before_a_restart_is_none_of_another_instance() {
        let fleet = Replicas::new(&SystemRandom, NOW);
        for started in [
            NOW - Duration::from_secs(3000),
            NOW,
            NOW + Duration::from_secs(15),
        ] {
            fleet.notice(&attempt(7, started), true);
        }
        assert!(!fleet.has_separate_stores(NOW));
    }

    fn watch(store: &Arc<MemoryStore>, secrets: &[&str]) -> KeyWatch {
        KeyWatch {
            fleet: Weak::new(),
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
        assert!(!one.look(1).await.unwrap());
        assert!(other.look(2).await.unwrap());
        assert!(one.look(1).await.unwrap());
        clock.advance(LIFE + Duration::from_secs(1));
        assert!(!one.look(1).await.unwrap());
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
            after.look(2).await.unwrap();
            assert_eq!(before.look(1).await.unwrap(), fault);
            assert!(!after.look(2).await.unwrap());
        }
    }

    #[test]
    fn a_fingerprint_differs_from_everything_else_that_names_the_key() {
        let keys = Keys::new(&["secret"], InstanceLabel::new("a", "b", "c")).unwrap();
        let other = Keys::new(&["secret"], InstanceLabel::new("a", "b", "d")).unwrap();
        assert_ne!(keys.current().fingerprint(), other.current().fingerprint());
    }

    #[test]
    fn the_flag_follows_the_last_look() {
        let fleet = Replicas::new(&SystemRandom, NOW);
        fleet.note_keys(true);
        assert!(fleet.has_foreign_key());
        fleet.note_keys(false);
        assert!(!fleet.has_foreign_key());
    }
}
