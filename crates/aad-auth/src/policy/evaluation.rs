//! PURE: evaluates an expression for a caller.

use super::{
    Missing, Principal,
    credential_kind::{CredentialKind, CredentialRequirement},
    expression::Expression,
};
use crate::validation::CallerKind;

impl Expression {
    /// Whether the expression holds for the caller, and what the caller lacks. `None` is unknown: it
    /// neither lets in nor, negated, lets in. `bearer_required`: a sibling node requires a bearer
    /// token already.
    pub(super) fn holds(
        &self,
        principal: Principal<'_>,
        bearer_required: bool,
        missing: &mut Vec<Missing>,
    ) -> Option<bool> {
        match self {
            Self::All(nodes) => all(nodes, principal, bearer_required, missing),
            Self::Any(nodes) => any(nodes, principal, bearer_required, missing),
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

    /// Whether a node without children holds.
    fn leaf(&self, principal: Principal<'_>) -> Option<bool> {
        match (self, principal) {
            (Self::Role(value), _) => principal.has_role(value),
            (Self::Group(id), _) => principal.is_member(id),
            // Unknown, not `false`: a token without permissions must not satisfy `!bearer()` either.
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

    /// What the caller lacks when this leaf does not hold.
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
}

/// Whether all nodes hold.
fn all(
    nodes: &[Expression],
    principal: Principal<'_>,
    bearer_required: bool,
    missing: &mut Vec<Missing>,
) -> Option<bool> {
    let takes_bearer =
        |node: &Expression| node.requirement(CredentialKind::Bearer) == CredentialRequirement::This;
    // A permission that the policy names and the caller has is a grant, in any position.
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
        let bearer_required = bearer_required || others.any(|(_, node)| takes_bearer(node));
        match node.holds(principal, bearer_required, missing) {
            Some(true) => {}
            Some(false) => result = Some(false),
            None => result = result.filter(|holds| !holds),
        }
    }
    result
}

/// An alternative admits a bearer token only if it requires one. So `role("Admin") |
/// bearer().scope("Read")` admits an administrator's session, or a token with the scope. It does not
/// admit an administrator's token without the scope.
fn any(
    nodes: &[Expression],
    principal: Principal<'_>,
    bearer_required: bool,
    missing: &mut Vec<Missing>,
) -> Option<bool> {
    let mut lacks = Vec::new();
    let mut result = Some(false);
    let is_bearer = matches!(principal, Principal::Bearer(_));
    for node in nodes {
        if is_bearer
            && !bearer_required
            && node.requirement(CredentialKind::Bearer) != CredentialRequirement::This
        {
            lacks.push(Missing::Credential);
            continue;
        }
        match node.holds(principal, bearer_required, &mut lacks) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    // The caller is known already, so an alternative with another credential does not help.
    if lacks.iter().any(|lack| *lack != Missing::Credential) {
        lacks.retain(|lack| *lack != Missing::Credential);
    }
    missing.append(&mut lacks);
    result
}
