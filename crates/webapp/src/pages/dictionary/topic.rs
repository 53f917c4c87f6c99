//! The questions that claims answer.

use serde::Serialize;

/// The five questions that claims answer, in the order of the page.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who signed in.
    Who,
    /// Who says so.
    WhereFrom,
    /// From when, until when.
    When,
    /// For whom, and what is allowed.
    WhatFor,
    /// Everything else.
    Technical,
}

impl Topic {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Who,
        Self::WhereFrom,
        Self::When,
        Self::WhatFor,
        Self::Technical,
    ];

    /// Heading and one sentence.
    pub const fn heading(self) -> (&'static str, &'static str) {
        match self {
            Self::Who => ("Who", "The person, by stable ids and by names."),
            Self::WhereFrom => (
                "Where from",
                "Who says so, and on behalf of which directory.",
            ),
            Self::When => ("When", "From when and until when this is true."),
            Self::WhatFor => (
                "What for",
                "For which application, and what it may decide on.",
            ),
            Self::Technical => ("Technical", "For the protocol and for support."),
        }
    }

    /// The anchor of the group on the page.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::WhereFrom => "where-from",
            Self::When => "when",
            Self::WhatFor => "what-for",
            Self::Technical => "technical",
        }
    }
}
