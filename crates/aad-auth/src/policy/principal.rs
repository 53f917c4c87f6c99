//! The caller over which a policy decides.

use crate::{
    session::UserSnapshot,
    validation::{AccessToken, CallerKind},
};

/// A caller as its credential shows it.
///
/// ```
/// use aad_auth::{AccessToken, Policy, bearer, policy::{Decision, Principal}};
///
/// fn may_write(token: &AccessToken) -> bool {
///     let policy = Policy::from(bearer().scope("Tasks.ReadWrite"));
///     policy.decide(Principal::Bearer(token)) == Decision::Allowed
/// }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Principal<'a> {
    /// A caller without a valid credential.
    Anonymous,
    /// A user with a session.
    User(&'a UserSnapshot),
    /// A caller with a bearer token.
    Bearer(&'a AccessToken),
}

impl Principal<'_> {
    /// Whether the caller acts for a user or for itself. `None` for an anonymous caller.
    pub fn kind(self) -> Option<CallerKind> {
        match self {
            Self::Anonymous => None,
            Self::User(_) => Some(CallerKind::Delegated),
            Self::Bearer(token) => Some(token.kind()),
        }
    }

    /// Whether the caller is a user with this app role. `None` (unknown) if an application has a role of
    /// that name: `false` would satisfy a policy that rules the role out. `None` too if the role is not
    /// listed and the list is incomplete.
    pub(super) fn has_role(self, value: &str) -> Option<bool> {
        self.has_role_as(CallerKind::Delegated, value)
    }

    /// As [`Self::has_role`], for an application that calls for itself.
    pub(super) fn has_permission(self, value: &str) -> Option<bool> {
        self.has_role_as(CallerKind::Application, value)
    }

    fn has_role_as(self, kind: CallerKind, value: &str) -> Option<bool> {
        let listed = match self {
            Self::Anonymous => false,
            Self::User(user) => user.has_role(value),
            Self::Bearer(token) => token.roles().iter().any(|role| &**role == value),
        };
        match listed {
            true if self.kind() != Some(kind) => None,
            false if self.roles_are_incomplete() => None,
            listed => Some(listed),
        }
    }

    /// Whether the caller may have roles that are not listed.
    pub(super) fn roles_are_incomplete(self) -> bool {
        match self {
            Self::Anonymous => false,
            Self::User(user) => user.roles_incomplete,
            Self::Bearer(token) => token.roles_are_incomplete(),
        }
    }

    /// Whether the caller is in this group. `None` if the token does not list the groups.
    pub(super) fn is_member(self, id: &str) -> Option<bool> {
        let (listed, overage) = match self {
            Self::Anonymous => (&[][..], false),
            Self::User(user) => (&user.groups.ids[..], user.groups.overage),
            Self::Bearer(token) => (token.groups(), token.groups_are_incomplete()),
        };
        let listed = listed.iter().any(|group| group.eq_ignore_ascii_case(id));
        (listed || !overage).then_some(listed)
    }
}
