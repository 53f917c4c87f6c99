//! What is known of a caller, and what it says.

use crate::{
    session::UserSnapshot,
    validation::{AccessToken, CallerKind},
};

/// What is known of a caller.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Principal<'a> {
    /// Nothing.
    Anonymous,
    /// A session.
    User(&'a UserSnapshot),
    /// A bearer token.
    Bearer(&'a AccessToken),
}

impl Principal<'_> {
    /// On whose behalf the caller calls; `None` for nobody.
    pub fn kind(self) -> Option<CallerKind> {
        match self {
            Self::Anonymous => None,
            Self::User(_) => Some(CallerKind::Delegated),
            Self::Bearer(token) => Some(token.kind()),
        }
    }

    /// Whether a user has an app role. `None` where an application has one of that name: it is
    /// not a user's, yet must not pass for "has it not" where the role is ruled out. `None` too where
    /// the role is not listed and not all roles are.
    pub(super) fn has_role(self, value: &str) -> Option<bool> {
        self.has_role_as(CallerKind::Delegated, value)
    }

    /// The same the other way round: an application's own permission.
    pub(super) fn has_permission(self, value: &str) -> Option<bool> {
        self.has_role_as(CallerKind::Application, value)
    }

    fn has_role_as(self, kind: CallerKind, value: &str) -> Option<bool> {
        let roles = match self {
            Self::Anonymous => &[][..],
            Self::User(user) => &user.roles,
            Self::Bearer(token) => token.roles(),
        };
        match roles.iter().any(|role| &**role == value) {
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

    /// `None` where the token does not list the user's groups.
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
