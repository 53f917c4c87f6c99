//! What tells several instances in one application apart.

use super::Config;

impl Config {
    /// These settings for an instance with a name of its own: its cookies carry it. `None` for a
    /// name that is not 1 to 32 lower-case letters, digits and hyphens.
    pub(crate) fn named(mut self, name: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(plain) {
            return None;
        }
        self.cookies = self.cookies.of_instance(&self.base_url, Some(name));
        Some(self)
    }

    /// These settings with the crate's routes under another prefix; a redirect path below the old
    /// prefix moves with it. `None` for what `AAD_ROUTE_PREFIX` would not take either.
    pub(crate) fn mounted_at(mut self, prefix: &str) -> Option<Self> {
        if !is_plain_path(prefix) {
            return None;
        }
        if is_below(&self.redirect_path, &self.route_prefix) {
            let rest = &self.redirect_path[self.route_prefix.len()..];
            self.redirect_path = format!("{prefix}{rest}");
        }
        let name = instance_name(prefix);
        self.cookies = self.cookies.of_instance(&self.base_url, name.as_deref());
        self.route_prefix = prefix.to_owned();
        Some(self)
    }
}

/// Whether `path` is `prefix` or lies below it, by whole segments.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a route can be mounted at without surprises.
pub(super) fn is_plain_path(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    value.starts_with('/')
        && (2..=128).contains(&value.len())
        && !value.ends_with('/')
        && !value.contains("//")
        && !value.contains("/.")
        && value.bytes().all(plain)
}

/// What tells the cookies of a further instance apart: its route prefix, when it is not the usual.
/// A slash cannot be part of a cookie's name (RFC 6265 section 4.1.1).
pub(super) fn instance_name(prefix: &str) -> Option<String> {
    let name = prefix.trim_matches('/');
    let name = name.strip_suffix("auth").unwrap_or(name).trim_matches('/');
    (!name.is_empty()).then(|| name.replace('/', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn config() -> Config {
        let source = Source::new()
            .with("AAD_TENANT_ID", "11110000-aaaa-4bbb-8ccc-000000000001")
            .with("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000001")
            .with("AAD_CLIENT_SECRET", "a-secret~of-the-test")
            .with("AAD_BASE_URL", "http://localhost:5000");
        Config::parse(&source).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn names_that_cannot_be_part_of_a_cookie_are_refused() {
        let long = "a".repeat(33);
        for name in ["", "Partners", "a b", "a=b", "a;b", "a/b", "ä", &long] {
            assert!(config().named(name).is_none(), "{name}");
        }
        let named = config().named("partners-2").unwrap();
        assert_eq!(named.cookies.session, "aad-partners-2-session-5000");
    }

    #[test]
    fn prefixes_that_are_no_plain_path_are_refused() {
        for prefix in [
            "", "/", "auth", "/auth/", "//auth", "/a/../b", "/a{b}", "/a%2fb",
        ] {
            assert!(config().mounted_at(prefix).is_none(), "{prefix}");
        }
    }

    #[test]
    fn the_redirect_path_moves_with_the_prefix_unless_it_is_elsewhere() {
        let moved = config().mounted_at("/partners/auth").unwrap();
        assert_eq!(moved.redirect_path, "/partners/auth/redirect");
        assert_eq!(moved.cookies.browser, "aad-partners-browser-5000");
        let mut elsewhere = config();
        elsewhere.redirect_path = "/authentic/redirect".to_owned();
        let moved = elsewhere.mounted_at("/partners/auth").unwrap();
        assert_eq!(moved.redirect_path, "/authentic/redirect");
    }

    #[test]
    fn no_cookie_name_holds_a_slash() {
        let deep = config().mounted_at("/a/b/auth").unwrap();
        assert_eq!(deep.cookies.session, "aad-a-b-session-5000");
    }
}
