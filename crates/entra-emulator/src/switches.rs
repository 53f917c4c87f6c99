//! Deviations from the platform's ordinary behaviour that a test can switch on.

use serde::{Deserialize, Serialize};

/// Ways in which the emulator departs from the platform's ordinary behaviour; all are off by default.
///
/// ```
/// # fn main() -> Result<(), entra_emulator::StartError> {
/// let emulator = entra_emulator::Emulator::builder().start()?;
/// emulator.control().set_switches(|switches| switches.strict_refresh = true);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// The user who is signed in without a page: object id, sign-in name or e-mail address. `None`: the pages are shown.
    pub auto_sign_in: Option<String>,
    /// Accepts each refresh token once. A second use revokes all refresh tokens of the same sign-in.
    pub strict_refresh: bool,
    /// Adds `iss` to the front-channel logout requests, beside `sid`.
    pub front_channel_issuer: bool,
    /// Posts a logout token to each application's `backchannelLogoutUrl` at sign-out.
    pub back_channel_logout: bool,
    /// Serves a revocation endpoint (RFC 7009) and names it in the discovery document.
    pub revocation_endpoint: bool,
    /// The text of the `Date` header of every answer; it need not be a date. `None`: the emulator's clock.
    pub date: Option<String>,
}
