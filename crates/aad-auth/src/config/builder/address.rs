//! The application's addresses, and the names of its cookies.

use super::ConfigBuilder;

impl ConfigBuilder {
    /// Sets the address under which browsers reach the application (`AAD_BASE_URL`): https, or http on
    /// loopback. It may have a path.
    ///
    /// Required, unless [`or_env`](Self::or_env) is called. Then the default is
    /// `http://localhost:<PORT>`, while the listener is on loopback and no hosting platform is found.
    pub fn base_url(self, url: impl AsRef<str>) -> Self {
        self.text("AAD_BASE_URL", url.as_ref())
    }

    /// Sets the path of the redirect URI below the base URL (`AAD_REDIRECT_PATH`). The default is
    /// `/auth/redirect`. No other route may be there.
    pub fn redirect_path(self, path: impl AsRef<str>) -> Self {
        self.text("AAD_REDIRECT_PATH", path.as_ref())
    }

    /// Sets the prefix of the crate's routes (`AAD_ROUTE_PREFIX`). The default is `/auth`.
    pub fn route_prefix(self, prefix: impl AsRef<str>) -> Self {
        self.text("AAD_ROUTE_PREFIX", prefix.as_ref())
    }

    /// Sets the beginning of the cookies' names (`AAD_COOKIE_NAME`): 1 to 32 letters, digits, `-` and
    /// `_`. The default is `aad`.
    ///
    /// Over https the crate puts `__Host-` before it. Each deployment on one host name needs another one.
    pub fn cookie_name(self, name: impl AsRef<str>) -> Self {
        self.text("AAD_COOKIE_NAME", name.as_ref())
    }

    /// Sets the origins whose scripts may read 401 and 403 answers, and whose preflight requests the
    /// guards answer (`AAD_CORS_ORIGINS`). The default is none.
    ///
    /// An origin is scheme, host and port, without a slash at the end. `*` is not possible.
    pub fn cors_origins(self, origins: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list_or_none("AAD_CORS_ORIGINS", origins)
    }
}
