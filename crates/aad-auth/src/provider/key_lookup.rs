//! Finds the key of a token, and fetches the key set when the key is not held.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::{
    Provider, TokenSource, Unavailable, VerificationKey,
    budget::{FetchBudgets, UnknownKeys},
    counters::ProviderCounters,
    held_keys::KeyMatch,
    loader::LoadScope,
};

/// Why there is no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyFailure {
    /// The key is not in the key set, by the last fetch that the budget allowed.
    #[error("the key is not in the provider's key set")]
    Unknown,
    /// The token has no key id, and there are several keys.
    #[error("the token names no key, and there are several")]
    Ambiguous,
    /// No key is held and the provider is not available. Also where a token from the token endpoint has
    /// an unknown key id and the key set cannot be fetched.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The number of fetches for a token from the token endpoint. The second one follows after the budget's
/// interval, since the provider's nodes learn of a new key at different times.
const REDEEMED_ATTEMPTS: usize = 2;

impl Provider {
    /// Finds the key with the id `kid`. Fetches the key set when the key is not held and the budget of
    /// `source` allows it.
    ///
    /// # Errors
    /// When there is no such key, or when the key set cannot be fetched.
    pub async fn key(
        &self,
        kid: Option<&str>,
        source: TokenSource,
    ) -> Result<Arc<VerificationKey>, KeyFailure> {
        if let Some(key) = self.find(kid)? {
            return Ok(key);
        }
        if !self.0.has_keys() {
            self.0.ensure(LoadScope::Keys).await?;
            return self.find(kid)?.ok_or_else(|| {
                ProviderCounters::add(&self.0.counters.unknown_keys);
                KeyFailure::Unknown
            });
        }
        ProviderCounters::add(&self.0.counters.unknown_keys);
        match source {
            TokenSource::Caller => self.fetch_for_caller(kid).await,
            TokenSource::Redeemed => self.fetch_for_redeemed(kid).await,
        }
    }

    /// Synchronous fast path of [`Self::key`] for [`TokenSource::Caller`]: the key is held, or no fetch
    /// is allowed. Allocates no future. `None`, without an effect, where a fetch could help.
    pub(crate) fn key_at_once(
        &self,
        kid: Option<&str>,
    ) -> Option<Result<Arc<VerificationKey>, KeyFailure>> {
        if let Some(found) = self.find(kid).transpose() {
            return Some(found);
        }
        let known_unknown = || self.is_known_unknown(kid.unwrap_or_default());
        if !self.0.has_keys() || !(known_unknown() || self.is_fetch_spent()) {
            return None;
        }
        ProviderCounters::add(&self.0.counters.unknown_keys);
        ProviderCounters::add(&self.0.counters.fetches_saved);
        Some(Err(KeyFailure::Unknown))
    }

    /// The key with the id `kid`, if it is held.
    fn find(&self, kid: Option<&str>) -> Result<Option<Arc<VerificationKey>>, KeyFailure> {
        match self.0.snapshot.load().keys.find(kid, self.0.now()) {
            KeyMatch::Key(key) => Ok(Some(key)),
            KeyMatch::Unknown => Ok(None),
            KeyMatch::Ambiguous => Err(KeyFailure::Ambiguous),
        }
    }

    /// Whether the last key set has the key with this id. Fetches nothing.
    pub fn publishes_key(&self, kid: &str) -> bool {
        self.0.snapshot.load().keys.publishes(kid)
    }

    /// Allows one fetch a minute for all clients together. A request that arrives during the fetch waits
    /// for it. Other requests are refused without a wait.
    async fn fetch_for_caller(
        &self,
        kid: Option<&str>,
    ) -> Result<Arc<VerificationKey>, KeyFailure> {
        let kid_text = kid.unwrap_or_default();
        let loaded = if self.is_known_unknown(kid_text) {
            None
        } else if let Some(waiter) = self.0.flight.join(&()) {
            Some(self.0.wait_for(waiter, self.0.patience_with_keys()).await)
        } else if self.take_budget(TokenSource::Caller).is_ok() {
            let patience = self.0.patience_with_keys();
            Some(self.0.load_or_join(LoadScope::Keys, patience).await)
        } else {
            None
        };
        let Some(loaded) = loaded else {
            ProviderCounters::add(&self.0.counters.fetches_saved);
            return Err(KeyFailure::Unknown);
        };
        if let Some(key) = self.find(kid)? {
            return Ok(key);
        }
        if loaded.is_ok() {
            self.unknown().insert(kid_text, self.0.now());
        }
        Err(KeyFailure::Unknown)
    }

    /// Waits for the next fetch: the provider issued this token, so its key exists.
    async fn fetch_for_redeemed(
        &self,
        kid: Option<&str>,
    ) -> Result<Arc<VerificationKey>, KeyFailure> {
        let mut loaded = Ok(());
        for _ in 0..REDEEMED_ATTEMPTS {
            loaded = self.load_for_redeemed().await;
            if let Some(key) = self.find(kid)? {
                return Ok(key);
            }
        }
        Err(loaded.map_or_else(KeyFailure::from, |()| KeyFailure::Unknown))
    }

    /// Joins the load that is under way, or starts the next one when the budget allows it.
    async fn load_for_redeemed(&self) -> Result<(), Unavailable> {
        let patience = self.0.patience_with_keys();
        loop {
            if let Some(waiter) = self.0.flight.join(&()) {
                return self.0.wait_for(waiter, patience).await;
            }
            match self.take_budget(TokenSource::Redeemed) {
                Ok(()) => return self.0.load_or_join(LoadScope::Keys, patience).await,
                // Many tasks may wait for the same moment. One takes the fetch, the others join it.
                Err(wait) => self.0.ports.background.sleep(wait).await,
            }
        }
    }

    fn take_budget(&self, source: TokenSource) -> Result<(), std::time::Duration> {
        self.budgets().take(source, self.0.now())
    }

    /// Whether no fetch for [`TokenSource::Caller`] is under way, and none may start.
    fn is_fetch_spent(&self) -> bool {
        let wait = self.budgets().wait(TokenSource::Caller, self.0.now());
        !wait.is_zero() && self.0.flight.join(&()).is_none()
    }

    fn is_known_unknown(&self, kid: &str) -> bool {
        self.unknown().contains(kid, self.0.now())
    }

    fn budgets(&self) -> MutexGuard<'_, FetchBudgets> {
        let budgets = self.0.budgets.lock();
        budgets.unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self) -> MutexGuard<'_, UnknownKeys> {
        let unknown = self.0.unknown.lock();
        unknown.unwrap_or_else(PoisonError::into_inner)
    }
}
