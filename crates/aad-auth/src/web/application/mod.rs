//! What applications call on [`Auth`](crate::Auth).

mod metrics;
mod mount;
mod status;
mod user_sessions;

pub use metrics::Metrics;
pub use status::Status;
pub use user_sessions::UserSessions;
