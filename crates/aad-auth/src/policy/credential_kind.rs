//! PURE: which credential a policy requires.

use super::expression::Expression;

/// The credential by which a caller is known.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum CredentialKind {
    Session,
    Bearer,
}

/// Which credential an expression requires, seen from one [`CredentialKind`].
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum CredentialRequirement {
    /// It requires this credential.
    This,
    /// It requires the other credential.
    Other,
    /// It accepts either: roles and groups, which a user has by either, and everything under `!`.
    Either,
}

impl Expression {
    /// Which credential the expression requires.
    pub(super) fn requirement(&self, credential: CredentialKind) -> CredentialRequirement {
        use CredentialRequirement::{Either, Other, This};
        let first_of = |nodes: &[Self], order: [CredentialRequirement; 3]| {
            let has = |one: &CredentialRequirement| {
                nodes
                    .iter()
                    .any(|node| node.requirement(credential) == *one)
            };
            order.into_iter().find(has).unwrap_or(Either)
        };
        let only = |kind: CredentialKind| if kind == credential { This } else { Other };
        match self {
            Self::User => only(CredentialKind::Session),
            Self::Bearer | Self::Scope(_) | Self::Permission(_) | Self::AuthContext(_) => {
                only(CredentialKind::Bearer)
            }
            Self::Role(_) | Self::Group(_) | Self::Not(_) => Either,
            Self::All(nodes) => first_of(nodes, [Other, This, Either]),
            Self::Any(nodes) => first_of(nodes, [This, Either, Other]),
        }
    }
}
