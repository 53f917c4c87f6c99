//! All key generations of one instance.

use aws_lc_rs::hmac;

use super::{Generation, InstanceLabel, KeyId, SealPurpose, Sealer, generation::extract};

/// The key generations of one instance. The first one seals, all of them open.
pub struct Keys {
    generations: Vec<Generation>,
    label: InstanceLabel,
}

impl Keys {
    /// Derives the generations from the application's secrets (`AAD_SESSION_SECRET`), newest first.
    ///
    /// `None` without a non-empty secret: a key without secret is public.
    pub fn new<S: AsRef<[u8]>>(secrets: &[S], label: InstanceLabel) -> Option<Self> {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, b"aad-auth 1");
        let generations: Vec<_> = secrets
            .iter()
            .filter(|secret| !secret.as_ref().is_empty())
            .map(|secret| Generation::new(extract(&salt, secret.as_ref()), label))
            .collect();
        (!generations.is_empty()).then_some(Self { generations, label })
    }

    /// The instance of these keys.
    pub const fn label(&self) -> InstanceLabel {
        self.label
    }

    /// The generation that seals.
    pub fn current(&self) -> &Generation {
        &self.generations[0]
    }

    /// All generations, newest first.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generation with this `id`.
    pub fn generation(&self, id: KeyId) -> Option<&Generation> {
        self.generations
            .iter()
            .find(|generation| generation.id() == id)
    }

    /// A sealer for `purpose` and `context`. The context is a session id, or empty.
    pub fn sealer(&self, purpose: SealPurpose, context: &[u8]) -> Sealer {
        Sealer {
            keys: self
                .generations
                .iter()
                .filter_map(|generation| {
                    Some((generation.id(), generation.cipher(purpose, context)?))
                })
                .collect(),
        }
    }
}
