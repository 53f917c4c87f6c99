//! The life of sessions: create, load, keep alive, retire, end.

use std::sync::Arc;

use super::{
    Session, SessionId, SessionLimits, TokenSet, UserSnapshot, Vault,
    cache::{Lookup, SessionCache},
    clock_watch::ClockWatch,
    decoded::Decoded,
    id::SessionDigest,
    record::SessionState,
    retirement::Retired,
    revocation::VoidMark,
    standing::Standing,
    watch::Watchers,
};
use crate::{
    clock::{Clock, Timestamp},
    provider::ProviderClock,
    random::Random,
    seal::Keys,
    store::{Created, Key, Store, StoreError},
};

/// Creates, finds and ends sessions. Shared by all workers.
pub struct Sessions {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) limits: SessionLimits,
    pub(super) cache: Option<SessionCache>,
    decoded: Decoded,
    pub(super) vault: Vault,
    pub(super) void: VoidMark,
    pub(super) watchers: Watchers,
    pub(super) clock_watch: Arc<ClockWatch>,
}

/// A completed sign-in that is to become a session.
pub struct NewSession {
    /// Who signed in.
    pub user: UserSnapshot,
    /// What the token endpoint returned.
    pub tokens: TokenSet,
    /// When the sign-in attempt began: an end of all sessions after that moment counts for it too.
    pub attempt_started: Timestamp,
    /// Browser and system, as far as they could be told.
    pub device: Option<String>,
    /// The session that this browser had.
    pub previous: Option<Arc<Session>>,
}

impl Sessions {
    /// Sessions in `store`, sealed under `keys`.
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
            decoded: Decoded::new(if store.exclusive() {
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

    /// The same, with the provider's clock as its answers show it. Without it no stored time is ever
    /// corrected.
    #[must_use]
    pub(crate) fn with_provider_clock(mut self, provider_clock: ProviderClock) -> Self {
        self.clock_watch = Arc::new(ClockWatch::new(provider_clock));
        self.vault.clock_watch = Arc::clone(&self.clock_watch);
        self
    }

    /// The tokens of sessions.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The limits that are in force.
    pub const fn limits(&self) -> SessionLimits {
        self.limits
    }

    /// The store behind the sessions.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Begins a session. Its id is always new (ASVS V7: no session fixation).
    ///
    /// `None` when the user's sessions, or all sessions, were ended after the attempt began, or the
    /// provider's session ended meanwhile, or somebody ended the same user's session that it was to
    /// replace.
    ///
    /// The index entry comes first, but where room has to be made for it: a session that cannot be
    /// found must not exist, and nobody is told of this one before it can be. The revocation marks
    /// and the index are read after writing, so that an end of sessions either sees this one in the
    /// index or is seen here.
    pub async fn create(&self, new: NewSession) -> Result<Option<Arc<Session>>, StoreError> {
        let now = self.clock.now();
        self.clock_watch.look(now);
        let state = SessionState {
            signed_in_at: now,
            ends_at: now + self.limits.max,
            began: Some(new.attempt_started),
            device: new.device,
            retired: false,
            replaced: None,
            user: new.user,
        };
        let mut session = Session::new(SessionId::new(&*self.random), state);
        let same_user = |old: &Arc<Session>| old.user().key == session.user().key;
        let retiring = new.previous.clone().filter(same_user);
        session.state.replaced = retiring.as_ref().map(|old| old.digest.to_text());
        let session = Arc::new(session);
        let sealed = session.seal(&self.keys, &*self.random)?;
        let life = self.limits.idle.min(self.limits.max);
        let key = self.record_key(&session.digest)?;
        // Polled in this order, and so begun in it; a store that flushes to disk shares the flush.
        let (indexed, vaulted, created) = futures_util::join!(
            self.write_indexes(&session, self.limits.max),
            self.vault.create(&session, &new.tokens),
            self.store.create(&key, &sealed, life),
        );
        if let Err(error) = indexed.and(vaulted) {
            // A session that cannot be found by its indexes must not exist.
            self.end_by_digest(&session.digest).await?;
            return Err(error);
        }
        match created? {
            Created::Written(_) => {}
            Created::Exists => return Err(StoreError::Corrupt),
        }
        let (revoked, indexed) =
            futures_util::join!(self.is_revoked(&session), self.is_indexed(&session));
        if revoked? || !indexed? {
            self.end(&session).await?;
            return Ok(None);
        }
        if let Some(cache) = &self.cache {
            cache.insert(&session, now, now);
        }
        match (new.previous, retiring) {
            (_, Some(old)) => {
                if self.retire(&old).await? == Retired::Ended {
                    // Whoever has ended the one meant its successor too.
                    self.end(&session).await?;
                    return Ok(None);
                }
                if let Err(error) = self.hand_over_app_data(&old, &session).await {
                    tracing::warn!(%error, "application data could not be handed over");
                }
            }
            (Some(old), None) => self.end(&old).await?,
            (None, None) => {}
        }
        self.enforce_limit(&session).await?;
        Ok(Some(session))
    }

    /// The live session with this id, its idle clock wound up.
    pub async fn load(&self, id: &SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        self.load_at(id, self.clock.now()).await
    }

    /// [`Self::load`] for a caller who has already read the clock.
    pub async fn load_at(
        &self,
        id: &SessionId,
        now: Timestamp,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let digest = id.digest();
        let known = self
            .cache
            .as_ref()
            .map_or(Lookup::Unknown, |cache| cache.get(&digest));
        let (session, touched) = match known {
            Lookup::Ending => {
                // Whoever has ended it was told of a failure: it has ended once the store says so.
                self.end_by_digest(&digest).await?;
                return Ok(None);
            }
            Lookup::Ended => return Ok(None),
            Lookup::Live { session, touched } => (session, touched),
            Lookup::Unknown => match self.read(id, &digest, now).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        match self.standing(&session, touched, now) {
            Standing::Good => Ok(Some(session)),
            Standing::Over => Ok(None),
            Standing::Void => {
                self.end(&session).await?;
                Ok(None)
            }
            Standing::Due => Ok(self.extend(&session, now).await?.then_some(session)),
            Standing::Ahead => match self.bring_back(&session, now).await {
                Ok(present) => Ok(present),
                Err(error) => self.go_on(error).map(|()| Some(session)),
            },
        }
    }

    /// Whether [`Self::load_at_once`] can ever find one.
    pub const fn answers_at_once(&self) -> bool {
        self.cache.is_some()
    }

    /// The live session with this id, if nothing has to be read or written to be sure of it; `None`
    /// says only that [`Self::load_at`] has to be asked.
    pub fn load_at_once(&self, id: &SessionId, now: Timestamp) -> Option<Arc<Session>> {
        let Lookup::Live { session, touched } = self.cache.as_ref()?.get(&id.digest()) else {
            return None;
        };
        matches!(self.standing(&session, touched, now), Standing::Good).then_some(session)
    }

    async fn read(
        &self,
        id: &SessionId,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<Option<(Arc<Session>, Timestamp)>, StoreError> {
        // Both in one round trip: an end of all sessions shows on the very next request.
        let (record_key, void_key) = (self.record_key(digest)?, self.void_key()?);
        let (record, void) = self.store.get_two(&record_key, &void_key).await?;
        let void = self.heed(&void_key, void.as_ref(), now).await?;
        self.learn(void, now);
        let Some(record) = record else {
            self.decoded.forget(digest);
            return Ok(None);
        };
        let open = || Session::open(&self.keys, id.clone(), &record.value);
        let Some(session) = self.decoded.get_or_open(digest, record.version, open) else {
            return Ok(None);
        };
        let touched = self.extended_at(&session, &record, now);
        if let Some(cache) = &self.cache {
            cache.insert(&session, touched, now);
        }
        Ok(Some((session, touched)))
    }

    pub(super) fn record_key(&self, digest: &SessionDigest) -> Result<Key, StoreError> {
        digest.key(self.keys.label(), "s")
    }
}

/// How many bytes of decoded sessions are kept in front of a store.
const CACHE_CAPACITY: usize = 128 * 1024 * 1024;
/// The same behind a store that others write too.
const DECODED_CAPACITY: usize = 32 * 1024 * 1024;
