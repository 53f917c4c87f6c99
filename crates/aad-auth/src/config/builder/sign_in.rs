//! The authorization request.

use super::ConfigBuilder;
use crate::config::ResponseMode;

impl ConfigBuilder {
    /// Sets the scopes of the authorization request (`AAD_SCOPES`). They must contain `openid`.
    ///
    /// The default is `openid`, `profile` and `email`, and with Microsoft also `offline_access`, which
    /// asks for a refresh token.
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let is_one = |scope: &str| !scope.contains([',', ' ']);
        self.list("AAD_SCOPES", scopes, is_one)
    }

    /// Sets the values of `domain_hint` that a link to sign-in may name (`AAD_DOMAIN_HINTS`): domains,
    /// `organizations` and `consumers`. The default is none.
    pub fn domain_hints(self, hints: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list_or_none("AAD_DOMAIN_HINTS", hints)
    }

    /// Sets how the authorization response is sent (`AAD_RESPONSE_MODE`). The default is
    /// [`ResponseMode::Query`].
    pub fn response_mode(self, mode: ResponseMode) -> Self {
        self.text("AAD_RESPONSE_MODE", mode.as_str())
    }

    /// Calls the userinfo endpoint at each sign-in and recheck (`AAD_USERINFO`). The default is `false`.
    ///
    /// Userinfo adds the names, roles and groups that the ID token does not contain.
    pub fn userinfo(self, is_called: bool) -> Self {
        self.flag("AAD_USERINFO", is_called)
    }
}
