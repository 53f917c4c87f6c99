//! How an emulator starts and stops.

mod builder;
mod error;
mod handle;
mod tls;

pub use builder::EmulatorBuilder;
pub use error::StartError;
pub use handle::Emulator;
pub use tls::TlsFlaw;
