//! Sign-out: the end-session endpoint, its account page, front channel and back channel.

mod account_page;
mod back_channel;
mod endpoint;
mod front_channel;
mod return_address;

pub(crate) use endpoint::{account, logout};
