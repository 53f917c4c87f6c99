//! The tokens of a session, sealed like the session itself and ended together with it.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Session, clock_watch::ClockWatch, freshness};
use crate::{
    clock::{Clock, Timestamp},
    random::{self, Random},
    seal::{Keys, SealPurpose},
    secret::{ExposeSecret, Secret},
    store::{Key, Record, Store, StoreError, Updated, Version},
};

/// Tokens for one resource. It has no `Debug`.
#[derive(Clone)]
pub struct TokenSet {
    /// The access token: opaque to us. `None` where the scopes of the sign-in name no API and the
    /// provider makes none then.
    pub access_token: Option<Secret>,
    /// When it runs out, by our clock.
    pub expires_at: Timestamp,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The refresh token, where one was granted.
    pub refresh_token: Option<Secret>,
    /// The ID token as received: for `id_token_hint` and for showing its claims.
    pub id_token: Option<Secret>,
}

impl TokenSet {
    /// All claims of the ID token, for a page that shows them to their user. It was verified
    /// before it came here, and nobody but us could change it since. Decide by the snapshot.
    pub fn id_token_claims(&self) -> Option<Map<String, Value>> {
        let token = self.id_token.as_ref()?.expose_secret();
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&payload).ok()
    }
}

/// A token set as the vault keeps it. It has no `Debug`.
pub struct Vaulted {
    /// The tokens.
    pub tokens: TokenSet,
    /// When the provider issued them: then it has let the user in, too.
    pub obtained_at: Timestamp,
    /// From when on they are to be refreshed: before they run out, and not all at one moment.
    pub refresh_at: Timestamp,
    /// Which writing this is, for compare-and-swap.
    pub version: Version,
}

/// Keeps the tokens of sessions.
pub struct Vault {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) idle: Duration,
    pub(super) clock_watch: Arc<ClockWatch>,
}

impl Vault {
    /// The tokens that the sign-in brought.
    pub async fn get(&self, session: &Session) -> Result<Option<Vaulted>, StoreError> {
        let record = self.store.get(&self.key(session)?).await?;
        Ok(record.and_then(|record| self.open(session, &record)))
    }

    /// Keeps the tokens that the sign-in has brought.
    pub(super) async fn create(
        &self,
        session: &Session,
        tokens: &TokenSet,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(session, tokens)?;
        let life = self.life(session);
        self.store
            .create(&self.key(session)?, &sealed, life)
            .await?;
        Ok(())
    }

    /// Replaces tokens that were read before. `false` when another writer was first, or when the
    /// session has ended: then nothing is written. They live as long as the session's record: it
    /// may have been retired since the caller has read it.
    pub async fn replace(
        &self,
        session: &Session,
        read: &Vaulted,
        tokens: &TokenSet,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal(session, tokens)?;
        let key = self.key(session)?;
        let record = session.digest.key(self.keys.label(), "s")?;
        let Some(record) = self.store.get(&record).await? else {
            return Ok(false);
        };
        let life = record.expires_at.since(self.clock.now());
        let updated = self.store.update(&key, read.version, &sealed, life).await?;
        Ok(matches!(updated, Updated::Written(_)))
    }

    /// Sets how long the tokens live: as long as the session.
    pub(super) async fn keep_for(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<(), StoreError> {
        self.store.touch(&self.key(session)?, life).await?;
        Ok(())
    }

    /// Not longer than the session's record: tokens that nobody can use any more must not stay.
    fn life(&self, session: &Session) -> Duration {
        self.idle.min(session.ends_at().since(self.clock.now()))
    }

    /// The entry of the sign-in's own resource; entries of others get kinds of their own.
    fn key(&self, session: &Session) -> Result<Key, StoreError> {
        session.digest.key(self.keys.label(), "v")
    }

    fn seal(&self, session: &Session, tokens: &TokenSet) -> Result<Vec<u8>, StoreError> {
        let obtained_at = self.clock.now();
        let [jitter] = random::bytes(&*self.random);
        let stored = Stored {
            obtained_at,
            refresh_at: Some(freshness::refresh_at(
                obtained_at,
                tokens.expires_at,
                jitter,
            )),
            access_token: tokens.access_token.as_ref().map(expose),
            expires_at: tokens.expires_at,
            scopes: tokens.scopes.clone(),
            refresh_token: tokens.refresh_token.as_ref().map(expose),
            id_token: tokens.id_token.as_ref().map(expose),
        };
        let json = serde_json::to_vec(&stored).map_err(|_| StoreError::Corrupt)?;
        let json = zeroize::Zeroizing::new(json);
        let sealer = self.keys.sealer(SealPurpose::Vault, session.id.as_bytes());
        Ok(sealer.seal(&*self.random, self.keys.label().as_bytes(), &json))
    }

    fn open(&self, session: &Session, record: &Record) -> Option<Vaulted> {
        let sealer = self.keys.sealer(SealPurpose::Vault, session.id.as_bytes());
        let opened = sealer
            .open(self.keys.label().as_bytes(), &record.value)
            .ok()?;
        let json = zeroize::Zeroizing::new(opened.plaintext);
        let stored: Stored = serde_json::from_slice(&json).ok()?;
        let tokens = TokenSet {
            access_token: stored.access_token.map(Secret::from),
            expires_at: stored.expires_at,
            scopes: stored.scopes,
            refresh_token: stored.refresh_token.map(Secret::from),
            id_token: stored.id_token.map(Secret::from),
        };
        // Obtained in the future, by a clock that was ahead: when is not known, so long ago.
        let now = self.clock.now();
        let ahead = self.clock_watch.is_to_be_corrected(stored.obtained_at, now);
        let refresh_at = stored.refresh_at.unwrap_or(tokens.expires_at);
        Some(Vaulted {
            obtained_at: if ahead {
                Timestamp::default()
            } else {
                stored.obtained_at
            },
            refresh_at: if ahead {
                Timestamp::default()
            } else {
                refresh_at
            },
            tokens,
            version: record.version,
        })
    }
}

fn expose(secret: &Secret) -> String {
    secret.expose_secret().to_owned()
}

#[derive(Deserialize, Serialize)]
struct Stored {
    access_token: Option<String>,
    expires_at: Timestamp,
    scopes: Vec<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    /// Missing in records of older releases: then it was long ago.
    #[serde(default)]
    obtained_at: Timestamp,
    #[serde(default)]
    refresh_at: Option<Timestamp>,
}
