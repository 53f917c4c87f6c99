//! Purposes of derived keys.

/// What a derived key is used for. Each purpose has its own text, which never changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealPurpose {
    /// A sign-in attempt in the `state` parameter.
    Attempt,
    /// The `nonce` of an attempt.
    Nonce,
    /// The PKCE code verifier of an attempt.
    CodeVerifier,
    /// The `state` of an end-session request.
    SignOut,
    /// The record of a session.
    Session,
    /// The tokens of a session.
    Vault,
    /// Names of index sets.
    IndexName,
    /// Entries of index sets.
    IndexEntry,
    /// The outcome of an attempt, shared between replicas.
    Outcome,
    /// The application's own session data.
    AppData,
    /// A key that the application asks for.
    ApplicationKey,
    /// The provider's last known metadata and keys.
    ProviderSnapshot,
    /// The published fingerprint of a key generation.
    Fingerprint,
}

impl SealPurpose {
    pub(super) const fn label(self) -> &'static [u8] {
        match self {
            Self::Attempt => b"attempt",
            Self::Nonce => b"nonce",
            Self::CodeVerifier => b"code verifier",
            Self::SignOut => b"sign out",
            Self::Session => b"session",
            Self::Vault => b"vault",
            Self::IndexName => b"index name",
            Self::IndexEntry => b"index entry",
            Self::Outcome => b"outcome",
            Self::AppData => b"app data",
            Self::ApplicationKey => b"application key",
            Self::ProviderSnapshot => b"provider snapshot",
            Self::Fingerprint => b"fingerprint",
        }
    }
}
