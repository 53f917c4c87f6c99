//! Claims on attempts among instances: the same callback at two of them redeems its code once.

use std::{sync::Arc, time::Duration};

use super::{Attempt, Refusal, TransactionId, attempt::short_digest, outcomes::Outcome};
use crate::{
    clock::Clock,
    random::{self, Random},
    seal::{Keys, Purpose},
    session::store_key,
    store::{Created, Key, Store, StoreError, Version},
};

/// Claims attempts in the store that the instances share. Where this process is the store's only
/// writer its own table of outcomes is enough, and nothing is written.
///
/// A claim lives as long as its attempt, also when its holder died: the code may have been used up,
/// and a strict provider ends everything that a reused code has led to (RFC 6749 section 4.1.2).
/// Whoever comes too late for it is shown a page that begins a new attempt.
pub(super) struct Claims {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

/// Who redeems.
pub(super) enum Claimed {
    /// The caller.
    Mine(Claim),
    /// Another instance did, with this outcome.
    Done(Outcome),
}

/// The right to redeem an attempt's code, and the duty to tell the other instances how that ended.
pub(super) struct Claim(Option<Held>);

struct Held {
    id: TransactionId,
    key: Key,
    version: Version,
    life: Duration,
}

impl Claims {
    /// Claims an attempt whose `state` has opened for its browser. Where another instance was
    /// first, waits a little for its outcome.
    ///
    /// # Errors
    /// [`Refusal::Elsewhere`] when the other instance has not told its outcome in time; a store
    /// that cannot be asked: a code is never redeemed without a claim.
    pub(super) async fn take(&self, attempt: &Attempt) -> Result<Claimed, Refusal> {
        if self.store.exclusive() {
            return Ok(Claimed::Mine(Claim(None)));
        }
        match tokio::time::timeout(PATIENCE, self.contend(attempt)).await {
            Ok(claimed) => Ok(claimed?),
            Err(_) => Err(Refusal::Elsewhere),
        }
    }

    async fn contend(&self, attempt: &Attempt) -> Result<Claimed, StoreError> {
        let id = attempt.id;
        let key = self.key(&id)?;
        let pending = self.seal(&id, None);
        let life = attempt.expires_at().since(self.clock.now());
        loop {
            if let Created::Written(version) = self.store.create(&key, &pending, life).await? {
                let held = Held {
                    id,
                    key,
                    version,
                    life,
                };
                return Ok(Claimed::Mine(Claim(Some(held))));
            }
            // Until it is told, or given back because nothing was used up.
            while let Some(record) = self.store.get(&key).await? {
                if let Some(outcome) = self.open(&id, &record.value) {
                    return Ok(Claimed::Done(outcome));
                }
                tokio::time::sleep(self.pause()).await;
            }
        }
    }

    /// Tells the other instances how it ended.
    pub(super) async fn settle(&self, claim: Claim, outcome: &Outcome) {
        let Some(held) = claim.0 else { return };
        let sealed = self.seal(&held.id, Some(outcome));
        // Codes that lead to nothing are cheap: anybody can bring as many as the provider refuses.
        let life = match outcome {
            Ok(_) => held.life,
            Err(_) => held.life.min(REFUSED),
        };
        let told = self.store.update(&held.key, held.version, &sealed, life);
        if let Err(error) = told.await {
            // The browser is answered all the same; a second arrival elsewhere is shown a page.
            tracing::warn!(%error, "other instances could not be told how a sign-in ended");
        }
    }

    /// Gives a claim back: nothing was used up, and whoever comes next may try.
    pub(super) async fn release(&self, claim: Claim) {
        let Some(held) = claim.0 else { return };
        if let Err(error) = self.store.delete(&held.key).await {
            tracing::warn!(%error, "a sign-in that was not begun could not be given back");
        }
    }

    fn seal(&self, id: &TransactionId, outcome: Option<&Outcome>) -> Vec<u8> {
        let json = serde_json::to_vec(&outcome).unwrap_or_default();
        self.keys.sealer(Purpose::Outcome, id.as_bytes()).seal(
            &*self.random,
            self.keys.label().as_bytes(),
            &json,
        )
    }

    /// `None` while it is pending; also what a newer release has written in its own words.
    fn open(&self, id: &TransactionId, sealed: &[u8]) -> Option<Outcome> {
        let sealer = self.keys.sealer(Purpose::Outcome, id.as_bytes());
        let opened = sealer.open(self.keys.label().as_bytes(), sealed).ok()?;
        serde_json::from_slice(&opened.plaintext).ok()?
    }

    fn key(&self, id: &TransactionId) -> Result<Key, StoreError> {
        store_key(self.keys.label(), "c", &short_digest(id.as_bytes()))
    }

    fn pause(&self) -> Duration {
        let [jitter] = random::bytes::<1>(&*self.random);
        Duration::from_millis(40 + u64::from(jitter) / 4)
    }
}

/// How long a refusal is told to whoever comes again. A code that is tried after that is refused by
/// the provider, and nothing was made of it that this could end.
const REFUSED: Duration = Duration::from_secs(120);
/// How long a second arrival waits for the first one's outcome.
const PATIENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{ManualClock, Timestamp},
        config::{BaseUrl, ReturnTo},
        flow::{AttemptPurpose, Browser, LIFE},
        random::SystemRandom,
        seal::InstanceLabel,
        store::MemoryStore,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    /// Two instances with one store. [`Claims::contend`] is what they do when it is shared.
    fn two_instances() -> (Claims, Claims, Arc<MemoryStore>) {
        let clock = Arc::new(ManualClock::at(NOW));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let instance = || Claims {
            store: store.clone(),
            keys: Arc::new(Keys::new(&["secret"], InstanceLabel::new("a", "b", "c")).unwrap()),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        };
        (instance(), instance(), store)
    }

    fn deep() -> ReturnTo {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        base.return_to("/deep")
    }

    fn attempt() -> Attempt {
        let browser = Browser::new(&SystemRandom);
        Attempt::new(&SystemRandom, NOW, &browser, deep(), AttemptPurpose::SignIn)
    }

    async fn claim(instance: &Claims, attempt: &Attempt) -> Claim {
        match instance.contend(attempt).await.unwrap() {
            Claimed::Mine(claim) => claim,
            Claimed::Done(_) => panic!("nobody was before"),
        }
    }

    #[tokio::test]
    async fn a_store_of_one_process_is_left_alone() {
        let (one, _, store) = two_instances();
        let Ok(Claimed::Mine(claim)) = one.take(&attempt()).await else {
            panic!("nobody else can be there")
        };
        one.settle(claim, &Ok(deep())).await;
        assert_eq!(store.stats().records, Some(0));
    }

    #[tokio::test]
    async fn the_second_one_learns_the_outcome_also_of_a_refusal() {
        let (one, other, _) = two_instances();
        for outcome in [Ok(deep()), Err(Refusal::NotAdmitted)] {
            let attempt = attempt();
            let held = claim(&one, &attempt).await;
            let waiting = other.contend(&attempt);
            let (learned, ()) = futures_util::join!(waiting, one.settle(held, &outcome));
            let Ok(Claimed::Done(learned)) = learned else {
                panic!("redeemed twice")
            };
            assert_eq!(learned, outcome);
        }
    }

    #[tokio::test]
    async fn what_used_nothing_up_is_free_for_another_instance() {
        let (one, other, _) = two_instances();
        let attempt = attempt();
        let held = claim(&one, &attempt).await;
        one.release(held).await;
        claim(&other, &attempt).await;
    }

    #[tokio::test]
    async fn the_claim_of_one_that_died_lasts_as_long_as_the_attempt_and_no_longer() {
        let (one, other, store) = two_instances();
        let attempt = attempt();
        drop(claim(&one, &attempt).await);
        let key = one.key(&attempt.id).unwrap();
        let record = store.get(&key).await.unwrap().unwrap();
        assert_eq!(record.expires_at, NOW + LIFE);
        assert!(other.open(&attempt.id, &record.value).is_none());
    }

    #[tokio::test]
    async fn what_was_refused_does_not_fill_the_store() {
        let (one, _, store) = two_instances();
        for (outcome, life) in [(Ok(deep()), LIFE), (Err(Refusal::NotAdmitted), REFUSED)] {
            let attempt = attempt();
            let held = claim(&one, &attempt).await;
            one.settle(held, &outcome).await;
            let key = one.key(&attempt.id).unwrap();
            let record = store.get(&key).await.unwrap().unwrap();
            assert_eq!(record.expires_at, NOW + life);
        }
    }

    #[tokio::test]
    async fn what_the_store_holds_is_sealed() {
        let (one, _, store) = two_instances();
        let attempt = attempt();
        let held = claim(&one, &attempt).await;
        one.settle(held, &Ok(deep())).await;
        let key = one.key(&attempt.id).unwrap();
        let record = store.get(&key).await.unwrap().unwrap();
        assert!(!record.value.windows(4).any(|part| part == b"deep"));
        // Of another attempt it does not open.
        assert!(one.open(&self::attempt().id, &record.value).is_none());
    }
}
