//! PURE: a policy as a value, and its decision.

use super::{
    Decision, Missing, Principal,
    credential_kind::{CredentialKind, CredentialRequirement},
    expression::Expression,
};

/// Who is let in: a value of [`user`](super::user), [`role`](super::role), [`group`](super::group) and
/// [`bearer`](super::bearer), combined with `&`, `|` and `!`.
///
/// No policy lets in an unknown caller: a policy only narrows who gets in.
///
/// ```
/// use aad_auth::{Policy, bearer, group, role, user};
///
/// let staff: Policy = user() & !role("Guest");
/// let editors = role("Editor") | group("4d5f0c1e-7a1b-4c3d-9e2f-1234567890ab");
/// let reports = editors.clone() | bearer().scope("Reports.Read");
/// assert!(!staff.admits_bearer() && !editors.admits_bearer());
/// assert!(reports.admits_user() && reports.admits_bearer());
/// assert_eq!(reports.scopes(), ["Reports.Read"]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy(pub(super) Expression);

impl Policy {
    /// Decides whether the caller is let in.
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

    /// The missing authentication context, if nothing else is missing.
    fn only_auth_context(&self, principal: Principal<'_>, missing: &[Missing]) -> Option<Box<str>> {
        let context = missing.iter().find_map(|lack| match lack {
            Missing::AuthContext(context) => Some(context.clone()),
            _ => None,
        })?;
        let rest = self.0.without_auth_contexts();
        (rest.holds(principal, false, &mut Vec::new()) == Some(true)).then_some(context)
    }

    /// Whether a bearer token can satisfy the policy. It must require one ([`bearer`](super::bearer));
    /// `!` alone requires nothing.
    pub fn admits_bearer(&self) -> bool {
        self.0.requirement(CredentialKind::Bearer) == CredentialRequirement::This
    }

    /// Whether a session can satisfy the policy: every policy that does not require a bearer token.
    pub fn admits_user(&self) -> bool {
        self.0.requirement(CredentialKind::Session) != CredentialRequirement::Other
    }

    /// The scopes that the policy names, for the `WWW-Authenticate` challenge.
    pub fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        self.0.collect_scopes(&mut scopes);
        scopes
    }
}
