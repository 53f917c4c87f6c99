//! The control of a running emulator: from a test by [`Control`], from other programs over HTTP.

mod error;
mod faults;
mod handle;
mod http;
mod mint;

pub use error::ControlError;
pub use faults::Faults;
pub use handle::{Control, Counters};
pub(crate) use http::control_routes;
pub use mint::Mint;
