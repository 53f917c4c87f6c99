//! What the user is asked for at the provider.

use openidconnect::core::CoreAuthPrompt;
use serde::{Deserialize, Serialize};

use crate::provider::Metadata;

/// What the user is asked for at the provider (OpenID Connect Core 1.0 section 3.1.2.1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Prompt {
    /// To authenticate again.
    #[serde(rename = "l")]
    Login,
    /// To choose an account.
    #[serde(rename = "s")]
    SelectAccount,
}

impl Prompt {
    /// Reads the values that a link may ask for; all others are dropped.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "login" => Some(Self::Login),
            "select_account" => Some(Self::SelectAccount),
            _ => None,
        }
    }

    /// What this provider is asked for: to authenticate the user, where it says which prompts it knows
    /// and does not know how to have an account chosen. OpenID Connect Core requires every provider to support `login`.
    pub(super) fn known_to(self, metadata: &Metadata) -> Self {
        let knows = |prompts: &Vec<String>| prompts.iter().any(|prompt| prompt == "select_account");
        match self {
            Self::SelectAccount if !metadata.prompts.as_ref().is_none_or(knows) => Self::Login,
            prompt => prompt,
        }
    }
}

impl From<Prompt> for CoreAuthPrompt {
    fn from(prompt: Prompt) -> Self {
        match prompt {
            Prompt::Login => Self::Login,
            Prompt::SelectAccount => Self::SelectAccount,
        }
    }
}
