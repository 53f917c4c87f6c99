//! The decision of a policy over a caller.

/// The decision of a policy over a caller.
///
/// ```
/// use aad_auth::{UserSnapshot, policy::{Decision, Principal}, role};
///
/// fn may_edit(user: &UserSnapshot) -> bool {
///     role("Editor").decide(Principal::User(user)) == Decision::Allowed
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// The caller is let in.
    Allowed,
    /// The caller is unknown, or known by another credential than the policy requires: 401.
    Unknown,
    /// The caller is known and lacks only this authentication context. A stronger sign-in of the same
    /// user may satisfy it.
    StepUp(Box<str>),
    /// The caller is known and lacks something: 403.
    Forbidden(Vec<Missing>),
}

/// What a known caller lacks.
///
/// ```
/// use aad_auth::policy::{Decision, Missing};
///
/// fn lacks_role(decision: &Decision) -> bool {
///     match decision {
///         Decision::Forbidden(missing) => missing.iter().any(|one| matches!(one, Missing::Role(_))),
///         _ => false,
///     }
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Missing {
    /// A credential of the kind that the policy requires.
    Credential,
    /// An app role.
    Role(Box<str>),
    /// An app role that the caller may or may not have: not all roles of the caller are known.
    RoleUnknown(Box<str>),
    /// A group.
    Group(Box<str>),
    /// A group that the caller may or may not be in: the token does not list the groups (overage).
    GroupUnknown(Box<str>),
    /// A delegated permission.
    Scope(Box<str>),
    /// An app role of an application that calls for itself.
    Permission(Box<str>),
    /// An authentication context (`acrs`), which a claims challenge requests.
    AuthContext(Box<str>),
    /// Any delegated permission or app role.
    AnyPermission,
    /// The caller has something that the policy rules out.
    RuledOut,
}
