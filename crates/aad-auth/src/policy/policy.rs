//! PURE: policies and decisions.

use super::{BearerPolicy, Principal, credential_kind::CredentialKind};
use crate::validation::CallerKind;

/// Who may: a value made of [`user`], [`role`], [`group`] and [`bearer`] with `&`, `|` and `!`.
///
/// Whatever it says, nobody gets in who is not known: a policy only narrows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy(pub(super) Expression);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Expression {
    User,
    Bearer,
    /// A user's.
    Role(Box<str>),
    /// An application's that calls for itself.
    Permission(Box<str>),
    Group(Box<str>),
    Scope(Box<str>),
    AuthContext(Box<str>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
}

/// A signed-in user.
pub const fn user() -> Policy {
    Policy(Expression::User)
}

/// A caller with a bearer token for this API. Add what the token must grant
/// ([`BearerPolicy::scope`], [`BearerPolicy::role`]): with nothing added, any delegated permission
/// of a user's token will do, or any app role of an application's; a token with neither is refused
/// (Entra "access tokens"). At Entra ID an application's groups are no app role, whatever
/// `AAD_ROLES_CLAIM` names.
pub const fn bearer() -> BearerPolicy {
    BearerPolicy::new()
}

/// An app role of a **user**: the one who is signed in, or on whose behalf a bearer token calls.
/// An application that calls for itself never satisfies it, though its token may list a role of
/// that name: for those there is [`BearerPolicy::role`].
pub fn role(value: impl Into<Box<str>>) -> Policy {
    Policy(Expression::Role(value.into()))
}

/// Membership of a group, by its object id.
pub fn group(id: impl Into<Box<str>>) -> Policy {
    Policy(Expression::Group(id.into()))
}

impl Policy {
    /// Decides over a caller.
    pub fn decide(&self, principal: Principal<'_>) -> Decision {
        match principal {
            Principal::Anonymous => return Decision::Unknown,
            Principal::Bearer(_) if !self.admits_bearer() => return Decision::Unknown,
            _ => {}
        }
        let mut missing = Vec::new();
        match self.0.holds(principal, false, &mut missing) {
            Some(true) => Decision::Allowed,
            _ if missing.contains(&Missing::Credential) => Decision::Unknown,
            _ => match self.only_auth_context(principal, &missing) {
                Some(context) => Decision::StepUp(context),
                None => Decision::Forbidden(missing),
            },
        }
    }

    /// The authentication context that is missing, when nothing else is.
    fn only_auth_context(&self, principal: Principal<'_>, missing: &[Missing]) -> Option<Box<str>> {
        let context = missing.iter().find_map(|lack| match lack {
            Missing::AuthContext(context) => Some(context.clone()),
            _ => None,
        })?;
        let rest = self.0.without_auth_contexts();
        (rest.holds(principal, false, &mut Vec::new()) == Some(true)).then_some(context)
    }

    /// Whether it lets in by a bearer token: it has to ask for one ([`bearer`]). What only rules out
    /// asks for nothing.
    pub fn admits_bearer(&self) -> bool {
        self.0.takes(CredentialKind::Bearer) == Some(true)
    }

    /// Whether a session could satisfy it: all that does not ask for a bearer token.
    pub fn admits_user(&self) -> bool {
        self.0.takes(CredentialKind::Session) != Some(false)
    }

    /// The scopes it names: for the challenge.
    pub fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        self.0.collect_scopes(&mut scopes);
        scopes
    }
}

/// What a policy says of a caller.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// Let in.
    Allowed,
    /// Nobody is known, or not by the means that the policy asks for: 401.
    Unknown,
    /// Known, and nothing is missing but this authentication context: a stronger sign-in of the
    /// same user may help.
    StepUp(Box<str>),
    /// Known, but something is missing: 403.
    Forbidden(Vec<Missing>),
}

/// What a known caller lacks.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Missing {
    /// A credential of the kind that the policy asks for.
    Credential,
    /// An app role.
    Role(Box<str>),
    /// An app role, perhaps: not all roles of the caller are known.
    RoleUnknown(Box<str>),
    /// A group.
    Group(Box<str>),
    /// A group, perhaps: the token does not list the user's groups (overage).
    GroupUnknown(Box<str>),
    /// A delegated permission.
    Scope(Box<str>),
    /// An app role of an application that calls for itself.
    Permission(Box<str>),
    /// An authentication context (`acrs`): a stronger sign-in, which a claims challenge asks for.
    AuthContext(Box<str>),
    /// Any delegated permission or app role at all.
    AnyPermission,
    /// Something that the policy rules out is there.
    RuledOut,
}

impl Expression {
    /// `None`: it cannot be told, which neither lets in nor, negated, lets in. `asked`: something
    /// beside it asks for a bearer token already.
    fn holds(
        &self,
        principal: Principal<'_>,
        asked: bool,
        missing: &mut Vec<Missing>,
    ) -> Option<bool> {
        match self {
            Self::All(nodes) => all(nodes, principal, asked, missing),
            Self::Any(nodes) => any(nodes, principal, asked, missing),
            Self::Not(node) => {
                let result = node.holds(principal, true, &mut Vec::new());
                let result = result.map(|holds| !holds);
                if result != Some(true) {
                    missing.push(Missing::RuledOut);
                }
                result
            }
            leaf => {
                let holds = leaf.leaf(principal);
                if holds != Some(true) {
                    missing.push(leaf.lack(principal));
                }
                holds
            }
        }
    }

    fn leaf(&self, principal: Principal<'_>) -> Option<bool> {
        match (self, principal) {
            (Self::Role(value), _) => principal.has_role(value),
            (Self::Group(id), _) => principal.is_member(id),
            // It is a bearer's, but one that must not get in: also not where bearers are ruled out.
            (Self::Bearer, Principal::Bearer(token)) => token.grants_anything().then_some(true),
            (Self::Permission(value), Principal::Bearer(_)) => principal.has_permission(value),
            (Self::Scope(scope), Principal::Bearer(token)) => {
                Some(token.kind() == CallerKind::Delegated && token.has_scope(scope))
            }
            (Self::AuthContext(context), Principal::Bearer(token)) => {
                Some(token.satisfies_auth_context(context))
            }
            (Self::User, Principal::User(_)) => Some(true),
            _ => Some(false),
        }
    }

    /// What is missing where a leaf does not hold.
    fn lack(&self, principal: Principal<'_>) -> Missing {
        match (self, principal) {
            (Self::Role(value), _) if principal.roles_are_incomplete() => {
                Missing::RoleUnknown(value.clone())
            }
            (Self::Role(value), _) => Missing::Role(value.clone()),
            (Self::Group(id), _) if principal.is_member(id).is_none() => {
                Missing::GroupUnknown(id.clone())
            }
            (Self::Group(id), _) => Missing::Group(id.clone()),
            (Self::Bearer, Principal::Bearer(_)) => Missing::AnyPermission,
            (Self::Permission(value), Principal::Bearer(_)) => Missing::Permission(value.clone()),
            (Self::Scope(scope), Principal::Bearer(_)) => Missing::Scope(scope.clone()),
            (Self::AuthContext(context), Principal::Bearer(_)) => {
                Missing::AuthContext(context.clone())
            }
            _ => Missing::Credential,
        }
    }

    /// The same as if every authentication context were satisfied.
    fn without_auth_contexts(&self) -> Self {
        let all = |nodes: &[Self]| nodes.iter().map(Self::without_auth_contexts).collect();
        match self {
            Self::AuthContext(_) => Self::All(Vec::new()),
            Self::All(nodes) => Self::All(all(nodes)),
            Self::Any(nodes) => Self::Any(all(nodes)),
            other => other.clone(),
        }
    }

    fn collect_scopes<'a>(&'a self, scopes: &mut Vec<&'a str>) {
        match self {
            Self::Scope(scope) => scopes.push(scope),
            Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().for_each(|node| node.collect_scopes(scopes));
            }
            _ => {}
        }
    }
}

fn all(
    nodes: &[Expression],
    principal: Principal<'_>,
    asked: bool,
    missing: &mut Vec<Missing>,
) -> Option<bool> {
    let takes_bearer = |node: &Expression| node.takes(CredentialKind::Bearer) == Some(true);
    // A permission that is asked for by name and is there is a grant, wherever it stands.
    let granted = nodes.iter().any(
        |node| matches!(node, Expression::Permission(value) if principal.has_permission(value) == Some(true)),
    );
    let mut result = Some(true);
    for (index, node) in nodes.iter().enumerate() {
        if granted && *node == Expression::Bearer {
            continue;
        }
        let mut others = nodes
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        let asked = asked || others.any(|(_, node)| takes_bearer(node));
        match node.holds(principal, asked, missing) {
            Some(true) => {}
            Some(false) => result = Some(false),
            None => result = result.filter(|holds| !holds),
        }
    }
    result
}

/// One of several ways in is a bearer token's only when it asks for one: `role("Admin") |
/// bearer().scope("Read")` is an administrator's session, or a token with the scope; an
/// administrator's token for something else is neither.
fn any(
    nodes: &[Expression],
    principal: Principal<'_>,
    asked: bool,
    missing: &mut Vec<Missing>,
) -> Option<bool> {
    let mut lacks = Vec::new();
    let mut result = Some(false);
    let is_bearer = matches!(principal, Principal::Bearer(_));
    for node in nodes {
        if is_bearer && !asked && node.takes(CredentialKind::Bearer) != Some(true) {
            lacks.push(Missing::Credential);
            continue;
        }
        match node.holds(principal, asked, &mut lacks) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    // A way in by another credential is no help to somebody who is known already.
    if lacks.iter().any(|lack| *lack != Missing::Credential) {
        lacks.retain(|lack| *lack != Missing::Credential);
    }
    missing.append(&mut lacks);
    result
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
