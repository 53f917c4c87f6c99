//! Claims on attempts: among the instances that share a store, one redeems the code.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Attempt, Refusal, TransactionId, outcomes::SignInOutcome, short_digest::short_digest};
use crate::{
    clock::{Clock, Timestamp},
    random::Random,
    seal::{Keys, SealPurpose},
    session::store_key,
    store::{Created, Key, Store, StoreError, Version},
    sync::{POLLING_TIMEOUT, pause_between_polls},
};

/// Claims attempts in the shared store. If this process is the only writer of the store, the table of
/// outcomes is enough, and nothing is written.
///
/// A claim lives as long as its attempt, even if its holder has stopped. The code may have been used,
/// and a strict provider revokes all tokens of a reused code (RFC 6749 section 4.1.2). A later callback
/// gets a page that starts a new attempt.
///
/// A visitor without an account at the provider leaves no record. A claim requires a `state` that opens,
/// has not expired and belongs to this browser. It is deleted if the provider has not accepted the code.
/// So the number of such claims is bounded by the number of concurrent redemptions.
pub(super) struct AttemptClaims {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) refused: RefusedRecords,
}

/// The result of a claim.
pub(super) enum Claimed {
    /// The caller redeems the code.
    Mine(Claim),
    /// Another instance has redeemed it, with this outcome.
    Done(SignInOutcome),
}

/// The right to redeem the code of an attempt, with the duty to publish the outcome or to release the
/// claim. `None` in a store with one writer.
pub(super) struct Claim(Option<StoredClaim>);

/// The record of a claim.
struct StoredClaim {
    id: TransactionId,
    key: Key,
    version: Version,
    life: Duration,
}

impl AttemptClaims {
    /// Claims an attempt. If another instance was first, polls for its outcome for up to
    /// [`POLLING_TIMEOUT`].
    ///
    /// # Errors
    /// [`Refusal::Elsewhere`] if there is no outcome in time. [`Refusal::Store`] if the store fails: no
    /// code is redeemed without a claim.
    pub(super) async fn take(&self, attempt: &Attempt) -> Result<Claimed, Refusal> {
        if self.store.exclusive() {
            return Ok(Claimed::Mine(Claim(None)));
        }
        match tokio::time::timeout(POLLING_TIMEOUT, self.claim_or_poll(attempt)).await {
            Ok(claimed) => Ok(claimed?),
            Err(_) => Err(Refusal::Elsewhere),
        }
    }

    async fn claim_or_poll(&self, attempt: &Attempt) -> Result<Claimed, StoreError> {
        let id = attempt.id;
        let key = self.key(&id)?;
        let pending = self.seal(&id, None);
        let life = attempt.expires_at().since(self.clock.now());
        loop {
            if let Created::Written(version) = self.store.create(&key, &pending, life).await? {
                let held = StoredClaim {
                    id,
                    key,
                    version,
                    life,
                };
                return Ok(Claimed::Mine(Claim(Some(held))));
            }
            // Until the outcome is published, or the claim is released because no code was used.
            while let Some(record) = self.store.get(&key).await? {
                if let Some(outcome) = self.open(&id, &record.value) {
                    return Ok(Claimed::Done(outcome));
                }
                pause_between_polls(&*self.random).await;
            }
        }
    }

    /// Publishes the outcome for the other instances, after the provider has accepted the code.
    ///
    /// Refusals are kept for [`REFUSAL_LIFE`], and at most [`MAX_REFUSALS`] at a time: users who are not
    /// admitted here can cause any number of them. Further claims are released instead.
    pub(super) async fn publish(&self, claim: Claim, outcome: &SignInOutcome) {
        let Some(held) = claim.0 else { return };
        let life = match outcome {
            Ok(_) => held.life,
            Err(_) => held.life.min(REFUSAL_LIFE),
        };
        if outcome.is_err() && !self.refused.admit(self.clock.now(), life) {
            return self.release(Claim(Some(held))).await;
        }
        let sealed = self.seal(&held.id, Some(outcome));
        let told = self.store.update(&held.key, held.version, &sealed, life);
        if let Err(error) = told.await {
            // This browser gets its answer. A second callback at another instance gets a page.
            tracing::warn!(%error, "the outcome of a sign-in could not be published for other instances");
        }
    }

    /// Deletes a claim: the code was not sent, or the provider has not accepted it. Another instance may
    /// send it again, because no token exists that the provider could revoke.
    pub(super) async fn release(&self, claim: Claim) {
        let Some(held) = claim.0 else { return };
        if let Err(error) = self.store.delete(&held.key).await {
            tracing::warn!(%error, "the claim of a sign-in could not be released");
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

    /// The outcome in a record. `None` while it is pending, and for outcomes that only a newer release
    /// knows.
    fn open(&self, id: &TransactionId, sealed: &[u8]) -> Option<SignInOutcome> {
        let sealer = self.keys.sealer(SealPurpose::Outcome, id.as_bytes());
        let opened = sealer.open(self.keys.label().as_bytes(), sealed).ok()?;
        serde_json::from_slice(&opened.plaintext).ok()?
    }

    fn key(&self, id: &TransactionId) -> Result<Key, StoreError> {
        store_key(self.keys.label(), "c", &short_digest(id.as_bytes()))
    }
}

/// The expiry times of the refusals that this instance has in the store.
#[derive(Default)]
pub(super) struct RefusedRecords(Mutex<VecDeque<Timestamp>>);

impl RefusedRecords {
    /// Counts one more refusal, if there is room. Returns whether there was.
    fn admit(&self, now: Timestamp, life: Duration) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|until| *until > now);
        let room = kept.len() < MAX_REFUSALS;
        if room {
            kept.push_back(now + life);
        }
        room
    }
}

/// Most refusals of an instance in the store. Each has less than 1 KiB.
const MAX_REFUSALS: usize = 1024;
/// How long a refusal is kept for further callbacks. After it the code is sent again, and the provider
/// refuses it. That revokes nothing, because no session came of it.
const REFUSAL_LIFE: Duration = Duration::from_secs(120);

#[cfg(test)]
#[path = "attempt_claim_tests.rs"]
mod tests;
