//! The names of the crate's routes, which the redirect path must not take.

use super::Config;

/// Every route below the prefix, without the callback, whose path can be chosen.
pub(crate) const ROUTES: [&str; 7] = [
    "/sign_in",
    "/sign_out",
    "/post_sign_out",
    "/front_channel_sign_out",
    "/back_channel_sign_out",
    "/assets/{name}",
    "/edit_profile",
];

impl Config {
    /// Whether no other route is at the redirect path. Requests from the provider's site are let
    /// through to the redirect path.
    pub(crate) fn has_free_redirect_path(&self) -> bool {
        is_free(&self.redirect_path, &self.route_prefix)
    }
}

pub(super) fn is_free(redirect_path: &str, prefix: &str) -> bool {
    redirect_path
        .strip_prefix(prefix)
        .is_none_or(|below| !ROUTES.contains(&below) && !below.starts_with("/assets/"))
}

/// The rule of `AAD_REDIRECT_PATH` that [`is_free`] checks.
pub(crate) const TAKEN: &str = "must not be the path of another route of the sign-in";
