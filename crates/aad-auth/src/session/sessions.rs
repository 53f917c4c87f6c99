//! The collection of all sessions of one instance.

use std::sync::Arc;

use super::{
    SessionLimits, Vault, clock_watch::ClockWatch, decoded_sessions::DecodedSessions,
    id::SessionDigest, session_cache::SessionCache, void_mark::VoidMark, watchers::Watchers,
};
use crate::{
    clock::Clock,
    provider::ProviderClock,
    random::Random,
    seal::Keys,
    store::{Key, Store, StoreError},
};

/// Creates, finds and ends sessions. All workers share it.
pub struct Sessions {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) limits: SessionLimits,
    pub(super) cache: Option<SessionCache>,
    pub(super) decoded: DecodedSessions,
    pub(super) vault: Vault,
    pub(super) void: VoidMark,
    pub(super) watchers: Watchers,
    pub(super) clock_watch: Arc<ClockWatch>,
}

impl Sessions {
    /// Sessions in `store`, sealed under `keys`. Stored times are corrected only after
    /// [`Self::with_provider_clock`].
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        limits: SessionLimits,
    ) -> Self {
        let provider_clock = ProviderClock::new(Arc::clone(&clock));
        let clock_watch = Arc::new(ClockWatch::new(provider_clock));
        Self {
            vault: Vault {
                clock_watch: Arc::clone(&clock_watch),
                store: Arc::clone(&store),
                keys: Arc::clone(&keys),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                idle: limits.idle,
            },
            cache: store.exclusive().then(|| SessionCache::new(CACHE_CAPACITY)),
            decoded: DecodedSessions::new(if store.exclusive() {
                0
            } else {
                DECODED_CAPACITY
            }),
            store,
            keys,
            clock,
            random,
            limits,
            void: VoidMark::default(),
            watchers: Watchers::default(),
            clock_watch,
        }
    }

    /// Uses the provider's clock, as its answers show it, to decide whether a stored time of the future
    /// may be corrected.
    #[must_use]
    pub(crate) fn with_provider_clock(mut self, provider_clock: ProviderClock) -> Self {
        self.clock_watch = Arc::new(ClockWatch::new(provider_clock));
        self.vault.clock_watch = Arc::clone(&self.clock_watch);
        self
    }

    /// The vault with the tokens of sessions.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Idle timeout, absolute timeout and sessions per user.
    pub const fn limits(&self) -> SessionLimits {
        self.limits
    }

    /// The store behind the sessions.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The key of a session's record.
    pub(super) fn record_key(&self, digest: &SessionDigest) -> Result<Key, StoreError> {
        digest.key(self.keys.label(), "s")
    }
}

/// Bytes of decoded sessions in front of a store that only this process writes.
const CACHE_CAPACITY: usize = 128 * 1024 * 1024;
/// Bytes of decoded sessions in front of a store with several writers.
const DECODED_CAPACITY: usize = 32 * 1024 * 1024;
