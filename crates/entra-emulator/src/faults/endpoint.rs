//! The kinds of endpoint, by path.

use serde::{Deserialize, Serialize};

/// A kind of endpoint of the emulator: where a fault acts, and what a recorded request asked for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// The discovery documents, v2 and v1.
    Discovery,
    /// The key sets, v2 and v1.
    Keys,
    /// The instance discovery of MSAL.
    Instance,
    /// The authorization endpoint.
    Authorize,
    /// The forms of the sign-in pages.
    SignIn,
    /// The token endpoint.
    Token,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The end-session endpoint.
    Logout,
    /// The userinfo endpoint.
    UserInfo,
    /// Microsoft Graph.
    Graph,
    /// The emulator's own pages and assets.
    Own,
    /// The control API.
    Control,
}

type PathRule = fn(&str) -> bool;

impl Endpoint {
    /// Returns the endpoint of a path.
    pub(crate) fn of_path(path: &str) -> Self {
        let rules: [(PathRule, Self); 11] = [
            (|path| path.starts_with("/control"), Self::Control),
            (
                |path| path.ends_with("/.well-known/openid-configuration"),
                Self::Discovery,
            ),
            (
                |path| path.ends_with("/discovery/v2.0/keys") || path.ends_with("/discovery/keys"),
                Self::Keys,
            ),
            (|path| path == "/common/discovery/instance", Self::Instance),
            (|path| path.ends_with("/authorize"), Self::Authorize),
            (|path| path.ends_with("/token"), Self::Token),
            (|path| path.ends_with("/revoke"), Self::Revocation),
            (
                |path| path.ends_with("/logout") || path.ends_with("/logout/account"),
                Self::Logout,
            ),
            (|path| path.ends_with("/userinfo"), Self::UserInfo),
            (|path| path.starts_with("/v1.0/"), Self::Graph),
            (
                |path| {
                    ["/login", "/consent", "/profile"]
                        .iter()
                        .any(|end| path.ends_with(end))
                },
                Self::SignIn,
            ),
        ];
        rules
            .iter()
            .find(|(fits, _)| fits(path))
            .map_or(Self::Own, |(_, endpoint)| *endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_endpoint_of_a_path() {
        assert_eq!(
            Endpoint::of_path("/common/v2.0/.well-known/openid-configuration"),
            Endpoint::Discovery
        );
        assert_eq!(Endpoint::of_path("/t/discovery/v2.0/keys"), Endpoint::Keys);
        assert_eq!(Endpoint::of_path("/t/oauth2/v2.0/token"), Endpoint::Token);
        assert_eq!(Endpoint::of_path("/v1.0/me/photo/$value"), Endpoint::Graph);
        assert_eq!(Endpoint::of_path("/"), Endpoint::Own);
    }
}
