//! PURE: policies and decisions.

use std::ops::{BitAnd, BitOr, Not};

use crate::{
    session::UserSnapshot,
    validation::{AccessToken, CallerKind},
};

/// Who may: a value made of [`user`], [`role`], [`group`] and [`bearer`] with `&`, `|` and `!`.
///
/// Whatever it says, nobody gets in who is not known: a policy only narrows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy(Node);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Node {
    User,
    Bearer,
    Role(Box<str>),
    Group(Box<str>),
    Scope(Box<str>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// A signed-in user.
pub const fn user() -> Policy {
    Policy(Node::User)
}

/// A caller with a bearer token for this API. Add what the token must grant: a token without any
/// scope or role is refused (Entra "access tokens").
pub const fn bearer() -> Policy {
    Policy(Node::Bearer)
}

/// An app role (`roles`): of the signed-in user, or of an application that calls for itself.
pub fn role(value: impl Into<Box<str>>) -> Policy {
    Policy(Node::Role(value.into()))
}

/// Membership of a group, by its object id.
pub fn group(id: impl Into<Box<str>>) -> Policy {
    Policy(Node::Group(id.into()))
}

impl Policy {
    /// And a delegated permission (`scp`) in the bearer token.
    #[must_use]
    pub fn scope(self, scope: impl Into<Box<str>>) -> Self {
        self & Self(Node::Scope(scope.into()))
    }

    /// And an app role.
    #[must_use]
    pub fn role(self, value: impl Into<Box<str>>) -> Self {
        self & role(value)
    }

    /// Decides over a caller.
    pub fn decide(&self, facts: Facts<'_>) -> Decision {
        if matches!(facts, Facts::Nobody) {
            return Decision::Unknown;
        }
        let mut missing = Vec::new();
        match self.0.holds(facts, &mut missing) {
            Some(true) => Decision::Allowed,
            _ if missing.contains(&Missing::Credential) => Decision::Unknown,
            _ => Decision::Forbidden(missing),
        }
    }

    /// Whether a bearer token could satisfy it.
    pub fn admits_bearer(&self) -> bool {
        self.0
            .mentions(&|node| matches!(node, Node::Bearer | Node::Scope(_)))
    }

    /// Whether a session could satisfy it.
    pub fn admits_user(&self) -> bool {
        self.0.mentions(&|node| matches!(node, Node::User)) || !self.admits_bearer()
    }

    /// The scopes it names: for the challenge.
    pub fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        self.0.collect_scopes(&mut scopes);
        scopes
    }
}

/// What is known of a caller.
#[derive(Clone, Copy)]
pub enum Facts<'a> {
    /// Nothing.
    Nobody,
    /// A session.
    User(&'a UserSnapshot),
    /// A bearer token.
    Bearer(&'a AccessToken),
}

/// What a policy says of a caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Let in.
    Allowed,
    /// Nobody is known, or not by the means that the policy asks for: 401.
    Unknown,
    /// Known, but something is missing: 403.
    Forbidden(Vec<Missing>),
}

/// What a known caller lacks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Missing {
    /// A credential of the kind that the policy asks for.
    Credential,
    /// An app role.
    Role(Box<str>),
    /// A group.
    Group(Box<str>),
    /// A group, perhaps: the token does not list the user's groups (overage).
    GroupUnknown(Box<str>),
    /// A delegated permission.
    Scope(Box<str>),
    /// Any delegated permission or app role at all.
    Permission,
    /// Something that the policy rules out is there.
    RuledOut,
}

impl Node {
    /// `None`: it cannot be told, which neither lets in nor, negated, lets in.
    fn holds(&self, facts: Facts<'_>, missing: &mut Vec<Missing>) -> Option<bool> {
        match self {
            Self::All(nodes) => all(nodes, facts, missing),
            Self::Any(nodes) => any(nodes, facts, missing),
            Self::Not(node) => {
                let result = node.holds(facts, &mut Vec::new()).map(|holds| !holds);
                if result != Some(true) {
                    missing.push(Missing::RuledOut);
                }
                result
            }
            leaf => {
                let (holds, lack) = leaf.leaf(facts);
                if holds != Some(true) {
                    missing.push(lack);
                }
                holds
            }
        }
    }

    fn leaf(&self, facts: Facts<'_>) -> (Option<bool>, Missing) {
        match (self, facts) {
            (Self::Role(value), _) => (Some(facts.has_role(value)), Missing::Role(value.clone())),
            (Self::Group(id), _) => match facts.is_member(id) {
                None => (None, Missing::GroupUnknown(id.clone())),
                member => (member, Missing::Group(id.clone())),
            },
            (Self::Bearer, Facts::Bearer(token)) => {
                let grants = token.scopes().next().is_some() || !token.roles().is_empty();
                (Some(grants), Missing::Permission)
            }
            (Self::Scope(scope), Facts::Bearer(token)) => {
                (Some(token.has_scope(scope)), Missing::Scope(scope.clone()))
            }
            (Self::User, Facts::User(_)) => (Some(true), Missing::Credential),
            _ => (Some(false), Missing::Credential),
        }
    }

    fn mentions(&self, is: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(|node| node.mentions(is)),
            Self::Not(node) => node.mentions(is),
            leaf => is(leaf),
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

fn all(nodes: &[Node], facts: Facts<'_>, missing: &mut Vec<Missing>) -> Option<bool> {
    let mut result = Some(true);
    for node in nodes {
        match node.holds(facts, missing) {
            Some(true) => {}
            Some(false) => result = Some(false),
            None => result = result.filter(|holds| !holds),
        }
    }
    result
}

fn any(nodes: &[Node], facts: Facts<'_>, missing: &mut Vec<Missing>) -> Option<bool> {
    let mut lacks = Vec::new();
    let mut result = Some(false);
    for node in nodes {
        match node.holds(facts, &mut lacks) {
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

impl Facts<'_> {
    fn has_role(self, value: &str) -> bool {
        let has = |roles: &[Box<str>]| roles.iter().any(|role| &**role == value);
        match self {
            Self::Nobody => false,
            Self::User(user) => has(&user.roles),
            Self::Bearer(token) => has(token.roles()),
        }
    }

    fn is_member(self, id: &str) -> Option<bool> {
        let (listed, overage) = match self {
            Self::Nobody => (&[][..], false),
            Self::User(user) => (&user.groups.ids[..], user.groups.overage),
            Self::Bearer(token) => (token.groups().listed(), token.groups().is_overage()),
        };
        let listed = listed.iter().any(|group| group.eq_ignore_ascii_case(id));
        (listed || !overage).then_some(listed)
    }

    /// On whose behalf the caller calls; `None` for nobody.
    pub fn kind(self) -> Option<CallerKind> {
        match self {
            Self::Nobody => None,
            Self::User(_) => Some(CallerKind::Delegated),
            Self::Bearer(token) => Some(token.kind()),
        }
    }
}

impl BitAnd for Policy {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Node::All(mut nodes), node) => {
                nodes.push(node);
                Node::All(nodes)
            }
            (first, second) => Node::All(vec![first, second]),
        })
    }
}

impl BitOr for Policy {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Node::Any(mut nodes), node) => {
                nodes.push(node);
                Node::Any(nodes)
            }
            (first, second) => Node::Any(vec![first, second]),
        })
    }
}

impl Not for Policy {
    type Output = Self;

    fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)))
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
