//! The ordered list of client secrets, with a fallback to the next one during a rotation.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{config::ClientAuth, provider::ClientAuthMethod, secret::Secret};

use super::{CredentialError, method, secret};

/// The maximum number of secrets. Each wrong one costs a refused request.
const MAX_SECRETS: usize = 4;

/// The client credential of the application: an ordered list of secrets. When the provider refuses one, the
/// next one is tried, so that a secret can be rotated without an outage. Where `AAD_CLIENT_AUTH` is not set,
/// each secret is tried with both methods of the metadata. The next request starts with the secret and the
/// method that the provider accepted last. Cheap to clone.
#[derive(Clone)]
pub struct ClientCredential {
    configured: Option<ClientAuth>,
    sources: Arc<[CredentialSource]>,
    history: Arc<CredentialHistory>,
}

/// The answers of the provider so far.
#[derive(Default)]
struct CredentialHistory {
    accepted: Mutex<Option<AcceptedChoice>>,
    all_refused: AtomicBool,
}

/// The choice that the provider accepted last, and the methods of its metadata at that time. Other metadata
/// makes the method open again.
struct AcceptedChoice {
    choice: CredentialChoice,
    offered: Box<[ClientAuthMethod]>,
}

/// One secret of the list and one method. Contains no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CredentialChoice {
    position: usize,
    method: ClientAuth,
}

/// The source of a proof. Certificates and federated tokens would be further variants.
enum CredentialSource {
    Secret(Secret),
}

/// The client authentication of one request.
pub(crate) enum Proof<'a> {
    /// A secret, sent by this method.
    Secret(ClientAuth, &'a Secret),
}

impl ClientCredential {
    /// Creates a credential of client secrets in the order of the attempts. `configured` is
    /// `AAD_CLIENT_AUTH`.
    ///
    /// # Errors
    /// [`CredentialError::Missing`] without a secret, [`CredentialError::TooMany`] with more than
    /// four, [`CredentialError::MalformedSecret`] with one that cannot be a client secret.
    pub fn secrets(
        secrets: impl IntoIterator<Item = Secret>,
        configured: Option<ClientAuth>,
    ) -> Result<Self, CredentialError> {
        let mut sources = Vec::new();
        for secret in secrets {
            if sources.len() == MAX_SECRETS {
                return Err(CredentialError::TooMany);
            }
            secret::check(&secret)?;
            sources.push(CredentialSource::Secret(secret));
        }
        if sources.is_empty() {
            return Err(CredentialError::Missing);
        }
        Ok(Self {
            configured,
            sources: sources.into(),
            history: Arc::default(),
        })
    }

    /// Whether the provider refused every secret at the last request. Then no user can sign in until an
    /// operator sets a new one. For readiness reports.
    pub fn is_refused(&self) -> bool {
        self.history.all_refused.load(Ordering::Relaxed)
    }

    /// The choices in the order of the attempts, at a token endpoint with these methods: each secret with
    /// each method, and the last accepted choice first. At most `MAX_SECRETS * 2`.
    pub(crate) fn choices(
        &self,
        offered: &[ClientAuthMethod],
    ) -> Result<Vec<CredentialChoice>, CredentialError> {
        let mut methods = method::usable(self.configured, offered)?;
        let mut first = 0;
        if let Some(accepted) = &*self.accepted() {
            first = accepted.choice.position;
            if *accepted.offered == *offered {
                methods.sort_by_key(|method| *method != accepted.choice.method);
            }
        }
        let count = self.sources.len();
        let choices = methods.into_iter().flat_map(|method| {
            (0..count).map(move |step| CredentialChoice {
                position: (first + step) % count,
                method,
            })
        });
        Ok(choices.collect())
    }

    /// The client authentication of this choice.
    pub(crate) fn proof(&self, choice: CredentialChoice) -> Result<Proof<'_>, CredentialError> {
        let source = self.sources.get(choice.position);
        match source.ok_or(CredentialError::Missing)? {
            CredentialSource::Secret(secret) => Ok(Proof::Secret(choice.method, secret)),
        }
    }

    /// Notes that the provider refused every choice.
    pub(crate) fn refuse(&self) {
        self.history.all_refused.store(true, Ordering::Relaxed);
    }

    /// Notes that the provider accepted this choice, at an endpoint with these methods.
    pub(crate) fn accept(&self, choice: CredentialChoice, offered: &[ClientAuthMethod]) {
        self.history.all_refused.store(false, Ordering::Relaxed);
        let preferred = method::usable(self.configured, offered);
        let preferred = preferred.ok().and_then(|methods| methods.first().copied());
        let mut accepted = self.accepted();
        let before = accepted.as_ref().map(|accepted| accepted.choice);
        if before == Some(choice) && accepted.as_ref().is_some_and(|a| *a.offered == *offered) {
            return;
        }
        *accepted = Some(AcceptedChoice {
            choice,
            offered: offered.into(),
        });
        drop(accepted);
        if before.map_or(0, |before| before.position) != choice.position {
            tracing::warn!(
                position = choice.position + 1,
                "the provider now accepts another client credential of the list: remove those \
                 that have expired"
            );
        }
        if before.map(|before| before.method).or(preferred) != Some(choice.method) {
            tracing::warn!(
                method = choice.method.as_str(),
                "the provider accepts the client secret by this method only, although its metadata \
                 has another: set AAD_CLIENT_AUTH to it"
            );
        }
    }

    fn accepted(&self) -> MutexGuard<'_, Option<AcceptedChoice>> {
        let accepted = self.history.accepted.lock();
        accepted.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredential")
            .field("secrets", &self.sources.len())
            .field("configured", &self.configured)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
