//! The functions that a policy begins with.

use super::{BearerPolicy, Policy, expression::Expression};

/// A signed-in user.
///
/// See [`Policy`] for an example.
pub const fn user() -> Policy {
    Policy(Expression::User)
}

/// A caller with a bearer token for this API.
///
/// Add what the token must grant ([`BearerPolicy::scope`], [`BearerPolicy::role`]). With nothing added,
/// any delegated permission of a user's token is enough, or any app role of an application's token. A
/// token with neither is refused (Entra "access tokens"). At Entra ID the groups of an application are
/// no app role, whatever `AAD_ROLES_CLAIM` names.
///
/// See [`BearerPolicy`] for an example.
pub const fn bearer() -> BearerPolicy {
    BearerPolicy::new()
}

/// An app role of a **user**: of the signed-in user, or of the user for whom a bearer token calls.
///
/// An application that calls for itself never satisfies it, even if its token lists a role of that
/// name. Its permissions are checked by [`BearerPolicy::role`].
///
/// See [`Policy`] for an example.
pub fn role(value: impl Into<Box<str>>) -> Policy {
    Policy(Expression::Role(value.into()))
}

/// Membership of a group, by its object id.
///
/// See [`Policy`] for an example.
pub fn group(id: impl Into<Box<str>>) -> Policy {
    Policy(Expression::Group(id.into()))
}
