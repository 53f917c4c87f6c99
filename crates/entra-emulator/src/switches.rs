use serde::{Deserialize, Serialize};

/// Ways in which the emulator departs from the platform's ordinary behaviour. Everything is off by default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Signs this user in (object id, sign-in name or e-mail) without showing a page.
    pub auto_sign_in: Option<String>,
    /// A refresh token may be used once; a second use revokes everything that came from the same sign-in.
    pub strict_refresh: bool,
    /// The front-channel frames carry `iss` beside `sid`.
    pub front_channel_issuer: bool,
    /// Signing out also posts a logout token to each application's `backchannelLogoutUrl`.
    pub back_channel_logout: bool,
    /// Discovery names a revocation endpoint (RFC 7009), and it is there.
    pub revocation_endpoint: bool,
    /// The text of the `Date` header of every answer, also one that is no date; unset: the emulator's clock.
    pub date: Option<String>,
}
