//! `actix_session` over the crate's store: application data that belong to the signed-in session.

mod current;
mod middleware;
mod store;

pub(super) use current::bound_to;
pub use middleware::{ApplicationSession, ApplicationSessionService};
#[cfg(fuzzing)]
pub(in crate::web) use store::decode;
