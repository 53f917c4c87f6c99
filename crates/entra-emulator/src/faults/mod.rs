//! Faults that a test or the control API can set: failures of a provider, and answers of an attacker in its place.

mod answers;
mod effect;
mod endpoint;
mod fault;
mod key_edit;
mod registry;

pub use effect::{Answer, AnswerBody, AuthorizeEdit, Effect};
pub use endpoint::Endpoint;
pub use fault::Fault;
pub use key_edit::KeyEdit;
pub(crate) use key_edit::KeyList;
pub(crate) use registry::FaultRegistry;
pub use registry::{ActiveFault, FaultId};
