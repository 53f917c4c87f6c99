//! Tokens for downstream APIs: one refresh at a time for each session, and the recheck of active
//! users.

mod acquirer;
mod error;
mod failed_rechecks;
mod flights;
mod pauses;
mod recheck;
mod refresh_lease;
mod renewal;
mod userinfo;

pub use acquirer::{Acquirer, AcquirerParts};
pub use error::AcquireError;
