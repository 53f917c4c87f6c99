//! Handlers of the pages, one file each.

mod admin;
mod graph;
mod groups;
mod home;
mod me;
mod page_context;
mod preferences;
mod sessions;
mod token_details;

pub use admin::{ADMIN, admin};
pub use graph::call_ms_graph;
pub use groups::groups;
pub use home::home;
pub use me::me;
pub use page_context::PageContext;
pub use preferences::preferences;
pub use sessions::{end_sessions, sessions};
pub use token_details::token_details;
