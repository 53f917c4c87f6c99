//! The ordered list of credentials, with fall-back to the next while they are being rotated.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{config::ClientAuth, provider::ClientAuthMethod, secret::Secret};

use super::{method, secret};

/// Most credentials in one chain: each costs a refused request when it is the wrong one.
const MAX_PROOFS: usize = 4;

/// How the application proves itself at the token endpoint: an ordered list of proofs, tried in
/// turn when the provider refuses one, so that a secret can be rotated without a gap. Where
/// `AAD_CLIENT_AUTH` is not set, each is tried by the other method too that the metadata offers. What
/// was accepted last is the first next time. Cheap to clone.
#[derive(Clone)]
pub struct ClientCredential {
    configured: Option<ClientAuth>,
    proofs: Arc<[Material]>,
    record: Arc<Record>,
}

/// What the provider said of the proofs so far.
#[derive(Default)]
struct Record {
    accepted: Mutex<Option<Accepted>>,
    all_refused: AtomicBool,
}

/// What the provider accepted last, and what its metadata offered then: with other metadata the
/// method is chosen anew.
struct Accepted {
    way: Way,
    offered: Box<[ClientAuthMethod]>,
}

/// One way to prove oneself: which proof, by which method. Names no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Way {
    position: usize,
    method: ClientAuth,
}

/// What a proof is made from. A certificate and a federated token get their own kind here.
enum Material {
    Secret(Secret),
}

/// One proof, made for one request.
pub(crate) enum Proof<'a> {
    /// The secret, to be sent by this method.
    Secret(ClientAuth, &'a Secret),
}

/// Why the application cannot prove itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// No credential is configured, or an empty one.
    #[error(
        "no client credential: a server application is a confidential client; set \
         AAD_CLIENT_SECRET to the Value (not the Secret ID) of a client secret"
    )]
    Missing,
    /// More secrets than a rotation needs.
    #[error("AAD_CLIENT_SECRET holds more than four secrets: remove those that have expired")]
    TooMany,
    /// Not a client secret.
    #[error(
        "AAD_CLIENT_SECRET holds a secret with characters that no client secret has, with blanks \
         around it, or of more than 1024 characters: copy the Value again"
    )]
    MalformedSecret,
    /// The provider's metadata offers no method that a secret can serve.
    #[error(
        "the provider's metadata offers neither client_secret_post nor client_secret_basic: if it \
         takes a secret nevertheless, set AAD_CLIENT_AUTH to the method"
    )]
    NoCommonMethod,
}

impl ClientCredential {
    /// A chain of client secrets, tried in this order; `configured` is `AAD_CLIENT_AUTH`.
    ///
    /// # Errors
    /// [`CredentialError::Missing`] without a secret, [`CredentialError::TooMany`] with more than
    /// four, [`CredentialError::MalformedSecret`] with one that cannot be a client secret.
    pub fn secrets(
        secrets: impl IntoIterator<Item = Secret>,
        configured: Option<ClientAuth>,
    ) -> Result<Self, CredentialError> {
        let mut proofs = Vec::new();
        for secret in secrets {
            if proofs.len() == MAX_PROOFS {
                return Err(CredentialError::TooMany);
            }
            secret::check(&secret)?;
            proofs.push(Material::Secret(secret));
        }
        if proofs.is_empty() {
            return Err(CredentialError::Missing);
        }
        Ok(Self {
            configured,
            proofs: proofs.into(),
            record: Arc::default(),
        })
    }

    /// Whether the provider refused every proof when it was last asked: nobody can sign in until
    /// an operator sets a new one. For readiness reports.
    pub fn is_refused(&self) -> bool {
        self.record.all_refused.load(Ordering::Relaxed)
    }

    /// The ways to try, one after the other, at a token endpoint that offers these methods: each
    /// proof by each method, and what was accepted last before all others. At most
    /// `MAX_PROOFS * 2`.
    pub(crate) fn ways(&self, offered: &[ClientAuthMethod]) -> Result<Vec<Way>, CredentialError> {
        let mut methods = method::usable(self.configured, offered)?;
        let mut first = 0;
        if let Some(accepted) = &*self.accepted() {
            first = accepted.way.position;
            if *accepted.offered == *offered {
                methods.sort_by_key(|method| *method != accepted.way.method);
            }
        }
        let count = self.proofs.len();
        let ways = methods.into_iter().flat_map(|method| {
            (0..count).map(move |step| Way {
                position: (first + step) % count,
                method,
            })
        });
        Ok(ways.collect())
    }

    /// The proof of this way.
    pub(crate) fn proof(&self, way: Way) -> Result<Proof<'_>, CredentialError> {
        let material = self.proofs.get(way.position);
        match material.ok_or(CredentialError::Missing)? {
            Material::Secret(secret) => Ok(Proof::Secret(way.method, secret)),
        }
    }

    /// Remembers that the provider refused every proof.
    pub(crate) fn refuse(&self) {
        self.record.all_refused.store(true, Ordering::Relaxed);
    }

    /// Remembers that the provider accepted this way, at an endpoint that offers these methods.
    pub(crate) fn accept(&self, way: Way, offered: &[ClientAuthMethod]) {
        self.record.all_refused.store(false, Ordering::Relaxed);
        let preferred = method::usable(self.configured, offered);
        let preferred = preferred.ok().and_then(|methods| methods.first().copied());
        let mut accepted = self.accepted();
        let before = accepted.as_ref().map(|accepted| accepted.way);
        if before == Some(way) && accepted.as_ref().is_some_and(|a| *a.offered == *offered) {
            return;
        }
        *accepted = Some(Accepted {
            way,
            offered: offered.into(),
        });
        drop(accepted);
        if before.map_or(0, |before| before.position) != way.position {
            tracing::warn!(
                position = way.position + 1,
                "the provider now accepts another client credential of the list: remove those \
                 that have expired"
            );
        }
        if before.map(|before| before.method).or(preferred) != Some(way.method) {
            tracing::warn!(
                method = way.method.as_str(),
                "the provider takes the client secret by this method only, though its metadata \
                 offers another: set AAD_CLIENT_AUTH to it"
            );
        }
    }

    fn accepted(&self) -> MutexGuard<'_, Option<Accepted>> {
        let accepted = self.record.accepted.lock();
        accepted.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredential")
            .field("proofs", &self.proofs.len())
            .field("configured", &self.configured)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
