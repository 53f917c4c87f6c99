//! Policies: who is let in, as values, and the decision over a caller.

mod bearer_policy;
#[cfg(test)]
mod bearer_policy_tests;
mod constructors;
mod credential_kind;
mod decision;
mod evaluation;
mod expression;
mod operators;
mod policy;
#[cfg(test)]
mod policy_tests;
mod principal;

pub use bearer_policy::BearerPolicy;
pub use constructors::{bearer, group, role, user};
pub use decision::{Decision, Missing};
pub use policy::Policy;
pub use principal::Principal;
