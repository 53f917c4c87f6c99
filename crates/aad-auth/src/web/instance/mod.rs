//! The state of one mounted instance, and of one request to it.

pub(in crate::web) mod address_watch;
pub(in crate::web) mod auth;
mod challenge_reason;
mod instance_name;
pub(in crate::web) mod paths;
mod peers;
pub(in crate::web) mod request_auth;

pub use auth::Auth;
pub use instance_name::{InstanceName, Main};
pub use peers::InstanceConflict;

pub(in crate::web) use auth::Instance;
pub(in crate::web) use challenge_reason::ChallengeReason;
pub(in crate::web) use peers::Peer;
pub(in crate::web) use request_auth::RequestAuth;
