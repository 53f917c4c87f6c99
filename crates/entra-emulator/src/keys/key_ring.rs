use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{KeyError, SigningKey, pooled};

/// What a key roll does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRoll {
    /// A new key is published and signs; the old ones stay published.
    PublishAndSign,
    /// A new key is published, but does not sign yet.
    PublishOnly,
    /// A new key signs without being published: `kid` is unknown to everybody.
    SignUnpublished,
    /// The key that signs is published as well (the end of [`KeyRoll::SignUnpublished`]).
    PublishSigning,
    /// The published key that does not sign takes over.
    UseSpare,
    /// A new key is published and signs; all others are withdrawn at once, as after a compromise.
    ReplaceAll,
}

/// The keys of one emulator.
pub(crate) struct KeyRing {
    published: Vec<Arc<SigningKey>>,
    signing: Arc<SigningKey>,
    own: HashMap<String, Arc<SigningKey>>,
    made: usize,
}

/// Keys of single applications take numbers from here on.
const APPLICATION_KEYS: usize = 1_000_000;
/// A ring of a long test run stays bounded.
const MAX_PUBLISHED: usize = 50;

impl KeyRing {
    /// Two published keys, of which the first signs.
    pub(crate) fn shared() -> Result<Self, KeyError> {
        Ok(Self::of(pooled(0)?, pooled(1)?))
    }

    pub(crate) fn of(signing: Arc<SigningKey>, spare: Arc<SigningKey>) -> Self {
        Self {
            published: vec![Arc::clone(&signing), spare],
            signing,
            own: HashMap::new(),
            made: 2,
        }
    }

    pub(crate) fn published(&self) -> &[Arc<SigningKey>] {
        &self.published
    }

    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing)
    }

    /// A published key that does not sign.
    pub(crate) fn spare(&self) -> Option<Arc<SigningKey>> {
        self.published
            .iter()
            .find(|key| key.kid != self.signing.kid)
            .map(Arc::clone)
    }

    /// The key of an application that has its own.
    pub(crate) fn own_key(&mut self, app_id: &str) -> Result<Arc<SigningKey>, KeyError> {
        if let Some(key) = self.own.get(app_id) {
            return Ok(Arc::clone(key));
        }
        let key = pooled(APPLICATION_KEYS.saturating_add(self.own.len()))?;
        self.own.insert(app_id.to_owned(), Arc::clone(&key));
        Ok(key)
    }

    pub(crate) fn roll(&mut self, roll: KeyRoll) -> Result<(), KeyError> {
        match roll {
            KeyRoll::PublishAndSign => {
                self.signing = self.fresh()?;
                self.publish_signing();
            }
            KeyRoll::PublishOnly => {
                let key = self.fresh()?;
                self.publish(key);
            }
            KeyRoll::SignUnpublished => self.signing = self.fresh()?,
            KeyRoll::PublishSigning => self.publish_signing(),
            KeyRoll::UseSpare => {
                if let Some(spare) = self.spare() {
                    self.signing = spare;
                }
            }
            KeyRoll::ReplaceAll => {
                self.signing = self.fresh()?;
                self.published = vec![self.signing()];
            }
        }
        Ok(())
    }

    fn fresh(&mut self) -> Result<Arc<SigningKey>, KeyError> {
        let key = pooled(self.made)?;
        self.made = self.made.saturating_add(1);
        Ok(key)
    }

    fn publish_signing(&mut self) {
        self.publish(self.signing());
    }

    fn publish(&mut self, key: Arc<SigningKey>) {
        if self.published.iter().all(|known| known.kid != key.kid) {
            self.published.push(key);
        }
        let too_many = self.published.len().saturating_sub(MAX_PUBLISHED);
        self.published.drain(..too_many);
    }
}
