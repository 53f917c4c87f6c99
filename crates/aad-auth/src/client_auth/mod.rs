//! Client authentication at the token endpoint.

mod chain;
mod error;
mod method;
mod secret;

pub use chain::ClientCredential;
pub(crate) use chain::Proof;
pub(crate) use error::CREDENTIAL_REFUSED;
pub use error::CredentialError;
