//! Faults on demand: what a provider does on its bad days, and what an attacker in its place would do.

mod effect;
mod endpoint;
mod fault;
mod handle;
mod key_edit;
mod registry;

pub use effect::{Answer, AnswerBody, AuthorizeEdit, Effect};
pub use endpoint::Endpoint;
pub use fault::Fault;
pub use handle::Faults;
pub use key_edit::KeyEdit;
pub(crate) use key_edit::KeyList;
pub(crate) use registry::Registry;
pub use registry::{ActiveFault, FaultId};
