//! Policies: values that say who may, and the decision over a caller.

mod bearer_policy;
mod credential;
mod facts;
mod operators;
mod policy;

pub use bearer_policy::BearerPolicy;
pub use facts::Facts;
pub use policy::{Decision, Missing, Policy, bearer, group, role, user};
