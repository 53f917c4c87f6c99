//! The end-session endpoint (`entra.md` 6).

mod back_channel;
mod endpoint;

pub(crate) use endpoint::{account, logout};
