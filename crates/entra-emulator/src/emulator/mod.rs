//! Starting and stopping an emulator.

mod builder;
mod environment;
mod handle;
mod server;
mod state_dir;
mod tls;

pub use builder::{EmulatorBuilder, StartError};
pub(crate) use environment::ready_env;
pub use handle::Emulator;
pub(crate) use state_dir::StateDir;
pub use tls::TlsFlaw;
