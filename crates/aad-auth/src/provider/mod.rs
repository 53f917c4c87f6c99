//! What the provider publishes: metadata document, key set, error bodies.

pub mod catalogue;
mod fault;
mod fault_parser;
mod issuer;
mod jwk;
mod jwks;
mod metadata;
mod metadata_document;
mod metadata_error;
mod verification_key;

pub use fault::Fault;
pub use issuer::Issuer;
pub use jwks::{KeySet, KeySetError, MAX_KEYS};
pub use metadata::{ClientAuthMethod, Metadata};
pub use metadata_error::{Endpoint, MetadataError};
pub use verification_key::VerificationKey;
