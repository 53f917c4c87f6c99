//! The groups claim and its overage (Entra "groups overage").

/// The groups that a token names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Groups {
    /// The token says nothing about groups: none is granted.
    #[default]
    Absent,
    /// All of the user's groups.
    Listed(Vec<Box<str>>),
    /// There are more than fit: unknown until they are looked up at the configured Graph host.
    /// Neither "none" nor "all"; the address in the token is never called (abuse B18, B19).
    Overage,
    /// The claim is no array of texts: unknown, like [`Self::Overage`].
    Unreadable,
}

impl Groups {
    /// The groups in the token; none where they are unknown.
    pub fn listed(&self) -> &[Box<str>] {
        match self {
            Self::Listed(groups) => groups,
            Self::Absent | Self::Overage | Self::Unreadable => &[],
        }
    }

    /// Whether they must be looked up.
    #[cfg(any(test, feature = "unstable-internals"))]
    pub const fn is_overage(&self) -> bool {
        matches!(self, Self::Overage)
    }

    /// Whether it is unknown in which groups the user is.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Overage | Self::Unreadable)
    }
}
