//! The further user flows of Azure AD B2C.

use serde::{Deserialize, Serialize};

/// A user flow other than the sign-in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum UserFlow {
    /// Users edit their profile.
    #[serde(rename = "e")]
    EditProfile,
    /// Users choose a new password.
    #[serde(rename = "r")]
    PasswordReset,
}
