//! The topics of claims, which are the sections of the page.

use serde::Serialize;

/// A topic of claims, in the order of the page.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Ids and names of the user.
    User,
    /// The issuer of the token and the user's tenant.
    Issuer,
    /// The validity period and other times.
    Validity,
    /// The audience, and the claims that an application may authorise by.
    Permissions,
    /// Everything else.
    Technical,
}

impl Topic {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::User,
        Self::Issuer,
        Self::Validity,
        Self::Permissions,
        Self::Technical,
    ];

    /// Heading and one sentence.
    pub const fn heading(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("User", "Stable ids of the user, and names for display."),
            Self::Issuer => (
                "Issuer and tenant",
                "The provider that issued the token, and the user's directory.",
            ),
            Self::Validity => ("Validity", "When the token is valid, and other times."),
            Self::Permissions => (
                "Audience and permissions",
                "The application that the token is for, and what it may authorise by.",
            ),
            Self::Technical => ("Technical details", "For the protocol and for support."),
        }
    }

    /// The anchor of the section on the page.
    pub const fn id(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Permissions => "permissions",
            Self::Technical => "technical",
        }
    }
}
