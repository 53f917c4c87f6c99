//! The keys of one emulator: which are published, and which of them signs.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{KeyError, SigningKey, pooled};

/// A change of the signing keys; see [`Control::rotate_keys`](crate::Control::rotate_keys).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRoll {
    /// A new key is published and signs; the old ones stay published.
    PublishAndSign,
    /// A new key is published, but does not sign yet.
    PublishOnly,
    /// A new key signs without being published: no client knows its `kid`.
    SignUnpublished,
    /// The signing key is published, which ends [`KeyRoll::SignUnpublished`].
    PublishSigning,
    /// A published key that did not sign becomes the signing key.
    UseSpare,
    /// A new key is published and signs; all other keys are withdrawn at once, as after a compromise.
    ReplaceAll,
}

/// The keys of one emulator.
pub(crate) struct KeyRing {
    published: Vec<Arc<SigningKey>>,
    signing: Arc<SigningKey>,
    /// Keys of applications with `customSigningKey`, by client id.
    own: HashMap<String, Arc<SigningKey>>,
    /// The pool's number of the next new key.
    next_number: usize,
}

/// The pool's number of the first key that belongs to one application.
const APPLICATION_KEYS: usize = 1_000_000;
/// The oldest keys are withdrawn above this number, so that a long test run stays bounded.
const MAX_PUBLISHED: usize = 50;

impl KeyRing {
    /// The process-wide keys: two are published, the first of them signs.
    pub(crate) fn shared() -> Result<Self, KeyError> {
        Ok(Self::of(pooled(0)?, pooled(1)?))
    }

    /// Two published keys, of which the first signs.
    pub(crate) fn of(signing: Arc<SigningKey>, spare: Arc<SigningKey>) -> Self {
        Self {
            published: vec![Arc::clone(&signing), spare],
            signing,
            own: HashMap::new(),
            next_number: 2,
        }
    }

    pub(crate) fn published(&self) -> &[Arc<SigningKey>] {
        &self.published
    }

    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing)
    }

    /// Returns a published key that does not sign.
    pub(crate) fn spare(&self) -> Option<Arc<SigningKey>> {
        self.published
            .iter()
            .find(|key| key.kid != self.signing.kid)
            .map(Arc::clone)
    }

    /// Returns the key of an application that has its own; makes it at the first call.
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
        let key = pooled(self.next_number)?;
        self.next_number = self.next_number.saturating_add(1);
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
