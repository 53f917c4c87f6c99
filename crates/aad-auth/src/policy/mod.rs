//! Policies: values that say who may, and the decision over a caller.

mod bearer_policy;
mod credential_kind;
mod operators;
mod policy;
mod principal;

pub use bearer_policy::BearerPolicy;
pub use policy::{Decision, Missing, Policy, bearer, group, role, user};
pub use principal::Principal;
