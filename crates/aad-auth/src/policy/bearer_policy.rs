//! What a bearer token must grant.

use super::{Policy, expression::Expression};

/// A caller with a bearer token, and what the token must grant. It begins with
/// [`bearer()`](super::bearer), and converts into a [`Policy`] (`|`, `&`, `!`, `Into<Policy>`).
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

    /// Also requires a delegated permission (`scp`). Only tokens that call for a user have one.
    #[must_use]
    pub fn scope(self, scope: impl Into<Box<str>>) -> Self {
        self.and(Expression::Scope(scope.into()))
    }

    /// Also requires an application permission: an app role (`roles`) of an application that calls for
    /// itself. A user's token never satisfies it, even if the role is assigned to the user; the roles
    /// of users are checked by [`role()`](super::role).
    #[must_use]
    pub fn role(self, value: impl Into<Box<str>>) -> Self {
        self.and(Expression::Permission(value.into()))
    }

    /// Also requires an authentication context (`acrs`), such as `c1`, whose conditions Conditional
    /// Access defines. A client that handles claims challenges (`xms_cc` with `cp1`) gets one; others
    /// get 403.
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
