//! Finding the key that a token names, and asking the provider when there is none.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::{
    Provider, TokenSource, Unavailable, VerificationKey,
    budget::{Budgets, UnknownKeys},
    held_keys::KeyMatch,
    loader::Scope,
    state::ProviderCounters,
};

/// Why there is no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyFailure {
    /// The provider does not publish it, as far as is known.
    #[error("the key is not in the provider's key set")]
    Unknown,
    /// The token names no key, and there are several.
    #[error("the token names no key, and there are several")]
    Ambiguous,
    /// No key is held and the provider cannot be asked; or a token that it has just made names a
    /// key that cannot be fetched.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How often a token from the token endpoint is tried: the second time after the interval, since
/// the provider's nodes do not all learn of a new key at once.
const REDEEMED_ATTEMPTS: usize = 2;

impl Provider {
    /// The key that a token names; fetches the key set when it is not held and `origin`'s budget
    /// allows it, and then looks again.
    ///
    /// # Errors
    /// When there is no such key, or no way to know.
    pub async fn key(
        &self,
        kid: Option<&str>,
        origin: TokenSource,
    ) -> Result<Arc<VerificationKey>, KeyFailure> {
        if let Some(key) = self.find(kid)? {
            return Ok(key);
        }
        if !self.has_keys() {
            self.0.ensure(Scope::Keys).await?;
            return self.find(kid)?.ok_or_else(|| {
                ProviderCounters::add(&self.0.counters.unknown_keys);
                KeyFailure::Unknown
            });
        }
        ProviderCounters::add(&self.0.counters.unknown_keys);
        match origin {
            TokenSource::Caller => self.fetch_for_caller(kid).await,
            TokenSource::Redeemed => self.fetch_for_redeemed(kid).await,
        }
    }

    /// [`Self::key`] for a stranger's token, where nobody has to be waited for; `None`, and nothing
    /// done, where a fetch could help.
    pub(crate) fn key_at_once(
        &self,
        kid: Option<&str>,
    ) -> Option<Result<Arc<VerificationKey>, KeyFailure>> {
        if let Some(found) = self.find(kid).transpose() {
            return Some(found);
        }
        let known_unknown = || self.is_known_unknown(kid.unwrap_or_default());
        if !self.has_keys() || !(known_unknown() || self.is_fetch_spent()) {
            return None;
        }
        ProviderCounters::add(&self.0.counters.unknown_keys);
        ProviderCounters::add(&self.0.counters.fetches_saved);
        Some(Err(KeyFailure::Unknown))
    }

    /// The key that a token names, if it is held.
    fn find(&self, kid: Option<&str>) -> Result<Option<Arc<VerificationKey>>, KeyFailure> {
        match self.0.snapshot.load().keys.find(kid, self.0.now()) {
            KeyMatch::Key(key) => Ok(Some(key)),
            KeyMatch::Unknown => Ok(None),
            KeyMatch::Ambiguous => Err(KeyFailure::Ambiguous),
        }
    }

    /// Whether the provider's last key set has the key of this id. Fetches nothing.
    pub fn publishes_key(&self, kid: &str) -> bool {
        self.0.snapshot.load().keys.publishes(kid)
    }

    pub(super) fn has_keys(&self) -> bool {
        self.0.snapshot.load().keys.usable(self.0.now()) > 0
    }

    /// One fetch a minute for all strangers together; who comes while it is under way waits for
    /// it, everybody else is refused at once.
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
            Some(self.0.load_or_join(Scope::Keys, patience).await)
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

    /// The provider made this token, so its key exists: worth waiting for the next fetch.
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

    /// Joins the load that is under way, or starts the next one when its time has come.
    async fn load_for_redeemed(&self) -> Result<(), Unavailable> {
        let patience = self.0.patience_with_keys();
        loop {
            if let Some(waiter) = self.0.flight.join(&()) {
                return self.0.wait_for(waiter, patience).await;
            }
            match self.take_budget(TokenSource::Redeemed) {
                Ok(()) => return self.0.load_or_join(Scope::Keys, patience).await,
                // Many may wait for the same moment: one of them takes it, the others join.
                Err(wait) => self.0.ports.background.sleep(wait).await,
            }
        }
    }

    fn take_budget(&self, origin: TokenSource) -> Result<(), std::time::Duration> {
        self.budgets().take(origin, self.0.now())
    }

    /// Whether no fetch for strangers is under way, and none may start.
    fn is_fetch_spent(&self) -> bool {
        let wait = self.budgets().wait(TokenSource::Caller, self.0.now());
        !wait.is_zero() && self.0.flight.join(&()).is_none()
    }

    fn is_known_unknown(&self, kid: &str) -> bool {
        self.unknown().contains(kid, self.0.now())
    }

    fn budgets(&self) -> MutexGuard<'_, Budgets> {
        let budgets = self.0.budgets.lock();
        budgets.unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self) -> MutexGuard<'_, UnknownKeys> {
        let unknown = self.0.unknown.lock();
        unknown.unwrap_or_else(PoisonError::into_inner)
    }
}
