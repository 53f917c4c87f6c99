//! The validation of tokens.

use std::time::Duration;

use super::{ConfigBuilder, values::has_no_comma};
use crate::config_room::claim_path::split;

impl ConfigBuilder {
    /// Sets the tolerated difference between clocks (`AAD_CLOCK_LEEWAY`). The default is 60 s.
    ///
    /// Whole seconds, at most 5 min.
    pub fn clock_leeway(self, leeway: Duration) -> Self {
        self.duration("AAD_CLOCK_LEEWAY", leeway)
    }

    /// Sets the accepted signature algorithms (`AAD_SIGNING_ALGORITHMS`), of `RS256`, `PS256` and `ES256`.
    /// The default is `RS256`.
    pub fn signing_algorithms(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list("AAD_SIGNING_ALGORITHMS", names, has_no_comma)
    }

    /// States that the application has signing keys of its own (`AAD_APP_SIGNING_KEYS`), as with claims
    /// mapping in Entra ID. The default is `false`.
    pub fn app_signing_keys(self, has_own: bool) -> Self {
        self.flag("AAD_APP_SIGNING_KEYS", has_own)
    }

    /// Sets the audiences of bearer tokens (`AAD_API_AUDIENCE`). The default is the client id, and
    /// `api://<client id>`.
    pub fn api_audience(self, audiences: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list("AAD_API_AUDIENCE", audiences, has_no_comma)
    }

    /// Sets further audiences that an ID or logout token may carry beside the client id
    /// (`AAD_TRUSTED_AUDIENCES`). The default is none.
    ///
    /// `azp` must be the client id in such a token.
    pub fn trusted_audiences(self, audiences: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list_or_none("AAD_TRUSTED_AUDIENCES", audiences)
    }

    /// Sets the claims that hold roles (`AAD_ROLES_CLAIM`), each a path as
    /// [`RolesClaim`](crate::config::RolesClaim) describes it. The default is `roles`.
    pub fn roles_claim(self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        // A path that cannot be split has another problem, which the parser finds.
        let is_one = |path: &str| split(path, ',').map_or(true, |paths| paths.len() == 1);
        self.list("AAD_ROLES_CLAIM", paths, is_one)
    }

    /// Sets the memory for verified bearer tokens, in bytes (`AAD_TOKEN_CACHE`): from 1 MiB to 1024 MiB, or
    /// 0 for no cache. The default is 16 MiB.
    pub fn token_cache(self, bytes: usize) -> Self {
        self.number("AAD_TOKEN_CACHE", bytes)
    }
}
