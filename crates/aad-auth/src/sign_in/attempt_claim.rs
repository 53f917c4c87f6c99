//! AttemptClaims on attempts among instances: the same callback at two of them redeems its code once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Attempt, Refusal, TransactionId, attempt::short_digest, outcomes::SignInOutcome};
use crate::{
    clock::{Clock, Timestamp},
    random::{self, Random},
    seal::{Keys, SealPurpose},
    session::store_key,
    store::{Created, Key, Store, StoreError, Version},
};

/// AttemptClaims attempts in the store that the instances share. Where this process is the store's only
/// writer its own table of outcomes is enough, and nothing is written.
///
/// A claim lives as long as its attempt, also when its holder died: the code may have been used up,
/// and a strict provider ends everything that a reused code has led to (RFC 6749 section 4.1.2).
/// Whoever comes too late for it is shown a page that begins a new attempt.
///
/// A visitor without an account at the provider leaves nothing: a claim is taken only for a `state`
/// that opens, has not expired and is of this browser, and is deleted when the provider has not
/// accepted the code. So these claims are at most as many as codes are redeemed at one moment.
pub(super) struct AttemptClaims {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) refused: RefusedRecords,
}

/// Who redeems.
pub(super) enum Claimed {
    /// The caller.
    Mine(Claim),
    /// Another instance did, with this outcome.
    Done(SignInOutcome),
}

/// The right to redeem an attempt's code, and the duty to tell the other instances how that ended.
pub(super) struct Claim(Option<Held>);

struct Held {
    id: TransactionId,
    key: Key,
    version: Version,
    life: Duration,
}

impl AttemptClaims {
    /// AttemptClaims an attempt whose `state` has opened for its browser. Where another instance was
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

    /// Tells the other instances how it ended, after the provider has accepted the code.
    ///
    /// A refusal is told for [`REFUSED`], and only [`MAX_REFUSED`] of them at a time: users of the
    /// provider who are not admitted here can bring as many as they like. The others are deleted.
    pub(super) async fn settle(&self, claim: Claim, outcome: &SignInOutcome) {
        let Some(held) = claim.0 else { return };
        let life = match outcome {
            Ok(_) => held.life,
            Err(_) => held.life.min(REFUSED),
        };
        if outcome.is_err() && !self.refused.admit(self.clock.now(), life) {
            return self.release(Claim(Some(held))).await;
        }
        let sealed = self.seal(&held.id, Some(outcome));
        let told = self.store.update(&held.key, held.version, &sealed, life);
        if let Err(error) = told.await {
            // The browser is answered all the same; a second arrival elsewhere is shown a page.
            tracing::warn!(%error, "other instances could not be told how a sign-in ended");
        }
    }

    /// Deletes a claim: the provider was not asked, or has not accepted the code. Another instance
    /// may ask it once more, which ends nothing that anybody holds.
    pub(super) async fn release(&self, claim: Claim) {
        let Some(held) = claim.0 else { return };
        if let Err(error) = self.store.delete(&held.key).await {
            tracing::warn!(%error, "a sign-in that was not begun could not be given back");
        }
    }

    fn seal(&self, id: &TransactionId, outcome: Option<&SignInOutcome>) -> Vec<u8> {
        let json = serde_json::to_vec(&outcome).unwrap_or_default();
        self.keys.sealer(SealPurpose::Outcome, id.as_bytes()).seal(
            &*self.random,
            self.keys.label().as_bytes(),
            &json,
        )
    }

    /// `None` while it is pending; also what a newer release has written in its own words.
    fn open(&self, id: &TransactionId, sealed: &[u8]) -> Option<SignInOutcome> {
        let sealer = self.keys.sealer(SealPurpose::Outcome, id.as_bytes());
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

/// The refusals that this instance keeps in the store now, by the moment at which each expires.
#[derive(Default)]
pub(super) struct RefusedRecords(Mutex<VecDeque<Timestamp>>);

impl RefusedRecords {
    /// Whether one more may be kept; counts it if so.
    fn admit(&self, now: Timestamp, life: Duration) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|until| *until > now);
        let room = kept.len() < MAX_REFUSED;
        if room {
            kept.push_back(now + life);
        }
        room
    }
}

/// How many refusals an instance keeps in the store at a time; each is less than 1 KiB.
const MAX_REFUSED: usize = 1024;
/// How long a refusal is told to whoever comes again. A code that is tried after that is refused by
/// the provider, and nothing was made of it that this could end.
const REFUSED: Duration = Duration::from_secs(120);
/// How long a second arrival waits for the first one's outcome.
const PATIENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
#[path = "attempt_claim_tests.rs"]
mod tests;
