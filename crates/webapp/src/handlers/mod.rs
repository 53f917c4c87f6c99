//! One handler a page.

mod admin;
mod desk;
mod graph;
mod groups;
mod home;
mod me;
mod preferences;
mod sessions;
mod token_details;

pub use admin::{ADMIN, admin};
pub use desk::Desk;
pub use graph::call_ms_graph;
pub use groups::groups;
pub use home::home;
pub use me::me;
pub use preferences::preferences;
pub use sessions::{end_sessions, sessions};
pub use token_details::token_details;
