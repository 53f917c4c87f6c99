//! The groups claim and its overage (Entra "groups overage").

/// The groups that a token names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Groups {
    /// The token has no groups claim. It grants no group.
    #[default]
    Absent,
    /// All of the user's groups.
    Listed(Vec<Box<str>>),
    /// The user has more groups than fit into the token: unknown until they are loaded from the configured
    /// Graph host. The crate never calls the address in the token (abuse B18, B19).
    Overage,
    /// The claim is no array of texts. The groups are unknown, as with [`Self::Overage`].
    Unreadable,
}

impl Groups {
    /// The groups in the token. Empty where they are unknown.
    pub fn listed(&self) -> &[Box<str>] {
        match self {
            Self::Listed(groups) => groups,
            Self::Absent | Self::Overage | Self::Unreadable => &[],
        }
    }

    /// Whether the groups must be loaded from Graph.
    #[cfg(any(test, feature = "unstable-internals"))]
    pub const fn is_overage(&self) -> bool {
        matches!(self, Self::Overage)
    }

    /// Whether the user's groups are unknown.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Overage | Self::Unreadable)
    }
}
