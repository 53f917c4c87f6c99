//! Paths of the crate's routes: their form, and which ones the redirect path must leave free.

/// Every route below the prefix, except the callback, whose path is a setting of its own.
pub(crate) const ROUTES: [&str; 7] = [
    "/sign_in",
    "/sign_out",
    "/post_sign_out",
    "/front_channel_sign_out",
    "/back_channel_sign_out",
    "/assets/{name}",
    "/edit_profile",
];

/// The rule of `AAD_REDIRECT_PATH` that [`is_free_redirect_path`] checks.
pub(crate) const REDIRECT_PATH_TAKEN: &str = "must not be the path of another route of the sign-in";

/// Whether no other route is at the redirect path. The CSRF check lets requests from the provider's
/// site through to the redirect path.
pub(in crate::config_room) fn is_free_redirect_path(redirect_path: &str, prefix: &str) -> bool {
    redirect_path
        .strip_prefix(prefix)
        .is_none_or(|below| !ROUTES.contains(&below) && !below.starts_with("/assets/"))
}

/// Whether `path` is `prefix` or lies below it, by whole segments.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a route can be at this path: at least one segment, unreserved characters (RFC 3986 section
/// 2.3), no empty segment, none that begins with a dot, at most 128 bytes.
pub(in crate::config_room) fn is_plain_path(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    value.starts_with('/')
        && (2..=128).contains(&value.len())
        && !value.ends_with('/')
        && !value.contains("//")
        && !value.contains("/.")
        && value.bytes().all(plain)
}

/// The part of cookie names that tells an instance from others: its route prefix. `None` for the
/// default prefix. A slash cannot be part of a cookie's name (RFC 6265 section 4.1.1).
pub(in crate::config_room) fn instance_name(prefix: &str) -> Option<String> {
    let name = prefix.trim_matches('/');
    let name = name.strip_suffix("auth").unwrap_or(name).trim_matches('/');
    (!name.is_empty()).then(|| name.replace('/', "-"))
}
