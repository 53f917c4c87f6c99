//! How the application proves itself at the token endpoint: a value, not a branch.

mod chain;
mod method;
mod secret;

pub(crate) use chain::Proof;
pub use chain::{ClientCredential, CredentialError};
