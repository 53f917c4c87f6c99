//! PURE: by which credential a policy lets in at all.

use super::policy::Expression;

/// How a caller is known.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum CredentialKind {
    Session,
    Bearer,
}

impl Expression {
    /// Whether it asks for this credential, or for the other one. `None`: for neither, like roles
    /// and groups, which a user has by either, and like what is ruled out.
    pub(super) fn takes(&self, credential: CredentialKind) -> Option<bool> {
        let first_of = |nodes: &[Self], order: [Option<bool>; 3]| {
            let answers = |one: &Option<bool>| nodes.iter().any(|n| n.takes(credential) == *one);
            order.into_iter().find(answers).flatten()
        };
        match self {
            Self::User => Some(credential == CredentialKind::Session),
            Self::Bearer | Self::Scope(_) | Self::Permission(_) | Self::AuthContext(_) => {
                Some(credential == CredentialKind::Bearer)
            }
            Self::Role(_) | Self::Group(_) | Self::Not(_) => None,
            Self::All(nodes) => first_of(nodes, [Some(false), Some(true), None]),
            Self::Any(nodes) => first_of(nodes, [Some(true), None, Some(false)]),
        }
    }
}
