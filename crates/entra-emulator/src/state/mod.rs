//! What the requests of one emulator share: codes, grants, used assertions, settings and the state folder.

mod assertions;
mod codes;
mod grants;
mod owned_file;
mod shared;
mod state_dir;

pub(crate) use assertions::Assertions;
pub(crate) use codes::{Code, CodeState, CodeStore};
pub(crate) use grants::{Grants, Revocations};
pub(crate) use shared::State;
pub(crate) use state_dir::StateDir;
pub use state_dir::StateDirError;
