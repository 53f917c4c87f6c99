//! What applications call on [`Auth`](crate::Auth).

mod metrics;
mod mount;
mod revoke;
mod status;

pub use metrics::Metrics;
pub use revoke::Revoke;
pub use status::Status;
