//! The routes under the prefix, one file each.

mod assets;
mod callback;
mod edit_profile;
mod form;
mod remote_sign_out;
mod route_table;
mod shared;
mod sign_in;
mod sign_out;
mod signed_out;

#[cfg(fuzzing)]
pub(super) use remote_sign_out::{MAX_SID, logout_token, named_session};
pub(super) use route_table::register;
