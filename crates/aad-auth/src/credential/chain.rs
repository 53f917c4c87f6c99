//! The ordered list of credentials, with fall-back to the next while they are being rotated.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::{config::ClientAuth, provider::ClientAuthMethod, secret::Secret};

use super::{method, secret};

/// Most credentials in one chain: each costs a refused request when it is the wrong one.
const MAX_PROOFS: usize = 4;

/// How the application proves itself at the token endpoint: an ordered list of proofs, tried in
/// turn when the provider refuses one, so that a secret can be rotated without a gap. The proof
/// that was accepted last is the first one next time. Cheap to clone.
#[derive(Clone)]
pub struct Credential {
    configured: Option<ClientAuth>,
    proofs: Arc<[Material]>,
    record: Arc<Record>,
}

/// What the provider said of the proofs so far.
#[derive(Default)]
struct Record {
    accepted: AtomicUsize,
    all_refused: AtomicBool,
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

impl Credential {
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

    /// The positions of the proofs in the order in which they are to be tried.
    pub(crate) fn order(&self) -> impl Iterator<Item = usize> + Send + use<> {
        let count = self.proofs.len();
        let first = self.record.accepted.load(Ordering::Relaxed);
        (0..count).map(move |step| (first + step) % count)
    }

    /// The proof at `position`, for a token endpoint that offers these methods.
    pub(crate) fn proof(
        &self,
        position: usize,
        offered: &[ClientAuthMethod],
    ) -> Result<Proof<'_>, CredentialError> {
        match self.proofs.get(position).ok_or(CredentialError::Missing)? {
            Material::Secret(secret) => Ok(Proof::Secret(
                method::choose(self.configured, offered)?,
                secret,
            )),
        }
    }

    /// Remembers that the provider refused every proof.
    pub(crate) fn refuse(&self) {
        self.record.all_refused.store(true, Ordering::Relaxed);
    }

    /// Remembers that the provider accepted the proof at `position`.
    pub(crate) fn accept(&self, position: usize) {
        self.record.all_refused.store(false, Ordering::Relaxed);
        if self.record.accepted.swap(position, Ordering::Relaxed) != position {
            tracing::warn!(
                position = position + 1,
                "the provider now accepts another client credential of the list: remove those \
                 that have expired"
            );
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("proofs", &self.proofs.len())
            .field("configured", &self.configured)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(secrets: &[&str]) -> Result<Credential, CredentialError> {
        Credential::secrets(secrets.iter().map(|text| Secret::from(*text)), None)
    }

    #[test]
    fn no_secret_is_refused() {
        assert_eq!(chain(&[]).unwrap_err(), CredentialError::Missing);
        assert_eq!(chain(&["good", ""]).unwrap_err(), CredentialError::Missing);
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused() {
        for text in ["a\nb", " a", "a ", "ä", &"a".repeat(1025)] {
            assert_eq!(
                chain(&[text]).unwrap_err(),
                CredentialError::MalformedSecret
            );
        }
        assert_eq!(chain(&["a"; 5]).unwrap_err(), CredentialError::TooMany);
    }

    #[test]
    fn debug_shows_no_secret() {
        let credential = chain(&["canary-one", "canary-two"]).unwrap();
        assert!(!format!("{credential:?}").contains("canary"));
    }

    #[test]
    fn each_proof_is_tried_once_and_the_accepted_one_first() {
        let credential = chain(&["a", "b", "c"]).unwrap();
        assert!(credential.order().eq([0, 1, 2]));
        credential.accept(1);
        assert!(credential.clone().order().eq([1, 2, 0]));
    }
}
