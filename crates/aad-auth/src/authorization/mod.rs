//! Policies: values that say who may, and the decision over a caller.

mod policy;

pub use policy::{Decision, Facts, Missing, Policy, bearer, group, role, user};
