//! Tokens for downstream APIs: refresh with single flight per session, and the recheck of active users.

mod acquirer;
mod error;
mod failed_rechecks;
mod lease_wait;
mod recheck;
mod recheck_schedule;
mod refresh_coordinator;
mod refresh_grant;
mod refresh_pauses;
mod renewal_key;
mod userinfo;

pub use acquirer::{Acquirer, AcquirerParts};
pub use error::AcquireError;
