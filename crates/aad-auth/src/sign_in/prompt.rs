//! The `prompt` of an authorization request.

use openidconnect::core::CoreAuthPrompt;
use serde::{Deserialize, Serialize};

use crate::provider::Metadata;

/// The `prompt` of an authorization request (OpenID Connect Core 1.0 section 3.1.2.1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Prompt {
    /// The user authenticates again (`login`).
    #[serde(rename = "l")]
    Login,
    /// The user chooses an account (`select_account`).
    #[serde(rename = "s")]
    SelectAccount,
}

impl Prompt {
    /// Parses a value that a link may request. `None` for all others.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        match value {
            "login" => Some(Self::Login),
            "select_account" => Some(Self::SelectAccount),
            _ => None,
        }
    }

    /// The prompt to send: `login` instead of `select_account` if the provider lists its prompts without
    /// the latter. OpenID Connect Core requires support of `login`.
    pub(super) fn supported_by(self, metadata: &Metadata) -> Self {
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
