//! What a bearer token must grant.

use super::{Policy, policy::Expression};

/// A caller with a bearer token, and what the token must grant: begins with
/// [`bearer()`](super::bearer). Becomes a [`Policy`] by `|`, `&`, `!` or where one is taken.
///
/// ```
/// use aad_auth::{bearer, role, user};
///
/// // A user's token with the scope, or an application's with the permission:
/// let read = bearer().scope("Tickets.Read") | bearer().role("Tickets.Read.All");
/// // A session, or a user's token with the scope:
/// let both = user() | bearer().scope("Tickets.Read");
/// // A user's token with the scope, of a user who has the app role:
/// let manage = bearer().scope("Tickets.Write") & role("Tickets.Manage");
/// # drop((read, both, manage));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BearerPolicy(Policy);

impl BearerPolicy {
    pub(super) const fn new() -> Self {
        Self(Policy(Expression::Bearer))
    }

    /// And a delegated permission (`scp`), which only a token that calls for a user has.
    #[must_use]
    pub fn scope(self, scope: impl Into<Box<str>>) -> Self {
        self.and(Expression::Scope(scope.into()))
    }

    /// And an application permission: an app role (`roles`) of an application that calls for
    /// itself. A user's token never satisfies it, also not that of a user to whom the role is
    /// assigned: for those there is [`role()`](super::role).
    #[must_use]
    pub fn role(self, value: impl Into<Box<str>>) -> Self {
        self.and(Expression::Permission(value.into()))
    }

    /// And an authentication context (`acrs`), such as `c1`: Conditional Access decides what it
    /// takes. A client that can handle a claims challenge (`xms_cc` with `cp1`) is sent one;
    /// others get 403.
    #[must_use]
    pub fn auth_context(self, id: impl Into<Box<str>>) -> Self {
        self.and(Expression::AuthContext(id.into()))
    }

    fn and(self, node: Expression) -> Self {
        Self(self.0 & Policy(node))
    }
}

impl From<BearerPolicy> for Policy {
    fn from(bearer: BearerPolicy) -> Self {
        bearer.0
    }
}
