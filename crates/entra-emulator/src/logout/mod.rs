//! The end-session endpoint (`entra.md` 6).

mod back_channel;
mod client_sessions;
mod endpoint;

pub(crate) use client_sessions::ClientSessions;
pub(crate) use endpoint::{account, logout};
