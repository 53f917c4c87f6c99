//! The token vault: the tokens of sessions, sealed like the session and ended with it.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Session, clock_watch::ClockWatch, refresh_time};
use crate::{
    clock::{Clock, Timestamp},
    random::{self, Random},
    seal::{Keys, SealPurpose},
    secret::{ExposeSecret, Secret},
    store::{Key, Record, Store, StoreError, Updated, Version},
};

/// The tokens for one resource. It has no `Debug`.
#[derive(Clone)]
pub struct TokenSet {
    /// The access token, opaque to this crate. `None` if the sign-in requested no API and the provider
    /// issues none then.
    pub access_token: Option<Secret>,
    /// When the access token expires, by the clock of this process.
    pub expires_at: Timestamp,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The refresh token. `None` if the provider issued none.
    pub refresh_token: Option<Secret>,
    /// The ID token as received, for `id_token_hint` and for showing its claims.
    pub id_token: Option<Secret>,
}

impl TokenSet {
    /// All claims of the ID token, for display to its user. The token was verified before it was sealed.
    /// Authorise by the [`UserSnapshot`](super::UserSnapshot), not by these.
    pub fn id_token_claims(&self) -> Option<Map<String, Value>> {
        let token = self.id_token.as_ref()?.expose_secret();
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&payload).ok()
    }
}

/// A token set with its times and version in the vault. It has no `Debug`.
pub struct Vaulted {
    /// The tokens.
    pub tokens: TokenSet,
    /// When the provider issued the tokens, and so confirmed the user.
    pub obtained_at: Timestamp,
    /// When the tokens are due for a refresh: before they expire, with jitter.
    pub refresh_at: Timestamp,
    /// The version of the record, for compare-and-swap.
    pub version: Version,
}

/// The token vault: stores the tokens of sessions.
pub struct Vault {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) idle: Duration,
    pub(super) clock_watch: Arc<ClockWatch>,
}

impl Vault {
    /// Reads the tokens of a session. `None` if it has ended.
    pub async fn get(&self, session: &Session) -> Result<Option<Vaulted>, StoreError> {
        let record = self.store.get(&self.key(session)?).await?;
        Ok(record.and_then(|record| self.open(session, &record)))
    }

    /// Stores the tokens of a completed sign-in.
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

    /// Replaces the tokens that were read as `read`. Returns `false` and writes nothing if another writer
    /// was first, or if the session has ended. The tokens get the remaining life of the session's
    /// record, which may have been shortened meanwhile.
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

    /// Sets the life of the tokens to that of the session.
    pub(super) async fn keep_for(
        &self,
        session: &Session,
        life: Duration,
    ) -> Result<(), StoreError> {
        self.store.touch(&self.key(session)?, life).await?;
        Ok(())
    }

    /// The life of the tokens: not longer than that of the session's record.
    fn life(&self, session: &Session) -> Duration {
        self.idle.min(session.ends_at().since(self.clock.now()))
    }

    /// The key of the tokens for the resource of the sign-in. Tokens of other resources get another kind.
    fn key(&self, session: &Session) -> Result<Key, StoreError> {
        session.digest.key(self.keys.label(), "v")
    }

    fn seal(&self, session: &Session, tokens: &TokenSet) -> Result<Vec<u8>, StoreError> {
        let obtained_at = self.clock.now();
        let [jitter] = random::bytes(&*self.random);
        let stored = StoredTokens {
            obtained_at,
            refresh_at: Some(refresh_time::refresh_at(
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
        let stored: StoredTokens = serde_json::from_slice(&json).ok()?;
        let tokens = TokenSet {
            access_token: stored.access_token.map(Secret::from),
            expires_at: stored.expires_at,
            scopes: stored.scopes,
            refresh_token: stored.refresh_token.map(Secret::from),
            id_token: stored.id_token.map(Secret::from),
        };
        // Stored by a clock that was ahead: the time is unknown, so the tokens count as old.
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
struct StoredTokens {
    access_token: Option<String>,
    expires_at: Timestamp,
    scopes: Vec<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    /// Missing in records of older releases, which count as old.
    #[serde(default)]
    obtained_at: Timestamp,
    #[serde(default)]
    refresh_at: Option<Timestamp>,
}
