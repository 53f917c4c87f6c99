//! Refresh tokens: sealed values, so that they outlive a restart of the emulator.

use serde::{Deserialize, Serialize};

use crate::aadsts::Refusal;
use crate::seal::Purpose;
use crate::state::State;

/// The content of a refresh token.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct RefreshToken {
    /// Identifies all refresh tokens of one sign-in.
    pub(super) family: String,
    /// Counts the refreshes of the family.
    pub(super) generation: u64,
    pub(super) app_id: String,
    /// The user's object id.
    pub(super) user: String,
    /// The number of the user's revocations at the issue.
    pub(super) epoch: u64,
    pub(super) scope: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    pub(super) acrs: Vec<String>,
    /// The user flow; `None` unless the authority is a B2C tenant.
    pub(super) policy: Option<String>,
    /// Seconds since the Unix epoch.
    pub(super) expires_at: i64,
    /// The token of a single-page application: refreshes do not extend its lifetime.
    pub(super) absolute: bool,
}

/// The lifetime since the last refresh, seconds.
pub(super) const LIFETIME: i64 = 90 * 24 * 3600;
/// The lifetime since the sign-in to a single-page application, seconds.
pub(super) const SINGLE_PAGE_LIFETIME: i64 = 24 * 3600;

/// Clients whose cookie cannot hold a refresh token of the platform, of more than a kilobyte, must fail here too.
const MIN_LENGTH: usize = 900;

impl RefreshToken {
    pub(super) fn seal(&self, state: &State) -> Result<String, Refusal> {
        let text = state.sealer.seal(Purpose::RefreshToken, self, MIN_LENGTH);
        let text = text.ok_or_else(|| {
            Refusal::new(
                "server_error",
                90_033,
                "The refresh token cannot be sealed.",
            )
        })?;
        Ok(format!("1.{text}"))
    }

    /// Opens a refresh token of this emulator; `None` for any other text.
    pub(super) fn open(state: &State, text: &str) -> Option<Self> {
        let sealed = text.strip_prefix("1.")?;
        state.sealer.open(Purpose::RefreshToken, sealed)
    }
}
