//! Addresses to which the application sends secrets.

use url::Url;

use crate::config_room::{Problem, host::is_loopback};

/// An absolute address with https, or with http on loopback, in plain characters and without user
/// information and fragment.
///
/// # Errors
/// A problem of `variable`, with `example`.
pub(super) fn parse_secure_url(
    variable: &'static str,
    example: &'static str,
    text: &str,
) -> Result<Url, Problem> {
    let problem = |rule: &str| Err(Problem::new(variable, rule, example));
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.len() > 1024 {
        return problem("must be an address without spaces, at most 1,024 characters");
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return problem("must start with https:// (or http:// on loopback)");
    }
    if text.contains(['\\', '{', '}']) {
        return problem("must not contain a backslash or braces");
    }
    let Ok(url) = Url::parse(text) else {
        return problem("is not a valid address");
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return problem("must have neither user information nor fragment");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return problem("must be https: plain http is accepted on loopback only");
    }
    Ok(url)
}
