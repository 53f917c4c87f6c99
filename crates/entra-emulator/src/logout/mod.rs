//! The end-session endpoint (`entra.md` 6).

mod client_sessions;
mod endpoint;

pub(crate) use client_sessions::ClientSessions;
pub(crate) use endpoint::{account, logout};
