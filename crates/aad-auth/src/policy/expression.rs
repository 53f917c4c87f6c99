//! The tree that a policy consists of.

/// A node of a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Expression {
    /// A signed-in user.
    User,
    /// A caller with a bearer token.
    Bearer,
    /// An app role of a user.
    Role(Box<str>),
    /// An app role of an application that calls for itself.
    Permission(Box<str>),
    /// Membership of a group, by object id.
    Group(Box<str>),
    /// A delegated permission.
    Scope(Box<str>),
    /// An authentication context (`acrs`).
    AuthContext(Box<str>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
}

impl Expression {
    /// The same expression, as if every authentication context were satisfied.
    pub(super) fn without_auth_contexts(&self) -> Self {
        let all = |nodes: &[Self]| nodes.iter().map(Self::without_auth_contexts).collect();
        match self {
            Self::AuthContext(_) => Self::All(Vec::new()),
            Self::All(nodes) => Self::All(all(nodes)),
            Self::Any(nodes) => Self::Any(all(nodes)),
            other => other.clone(),
        }
    }

    pub(super) fn collect_scopes<'a>(&'a self, scopes: &mut Vec<&'a str>) {
        match self {
            Self::Scope(scope) => scopes.push(scope),
            Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().for_each(|node| node.collect_scopes(scopes));
            }
            _ => {}
        }
    }
}
