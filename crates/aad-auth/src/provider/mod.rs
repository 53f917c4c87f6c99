//! What the provider publishes: metadata document, key set, error bodies.

mod budget;
mod capabilities;
pub mod catalogue;
mod endpoint_checker;
mod fault;
mod fault_parser;
mod fetch;
mod held_keys;
mod issuer;
mod jwk;
mod jwks;
mod key_lookup;
mod loader;
mod metadata;
mod metadata_document;
mod metadata_error;
mod misconfiguration;
mod obstacle;
mod over_transport;
#[expect(clippy::module_inception, reason = "the file of the type `Provider`")]
mod provider;
mod provider_clock;
mod snapshot;
mod state;
mod verification_key;

pub use budget::TokenSource;
pub use capabilities::{Capabilities, Needs};
pub use fault::Fault;
pub use fetch::{Background, BoxFuture, Fetch};
pub use held_keys::KEY_LIFETIME;
pub use issuer::Issuer;
pub use jwks::{KeySet, KeySetError, MAX_KEYS};
pub use key_lookup::KeyFailure;
pub use metadata::{ClientAuthMethod, Metadata};
pub use metadata_error::{Endpoint, MetadataError};
pub use misconfiguration::Misconfiguration;
pub use obstacle::Obstacle;
pub use provider::{Provider, ProviderPorts, ProviderSettings, Unavailable};
pub use provider_clock::ProviderClock;
pub(crate) use provider_clock::{Agreement, describe as describe_skew};
pub use snapshot::SnapshotError;
pub use state::{LoadError, ProviderState, ProviderTotals};
pub use verification_key::VerificationKey;
