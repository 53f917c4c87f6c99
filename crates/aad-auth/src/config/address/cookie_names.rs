//! Names and attributes of the cookies.

use std::time::Duration;

use super::BaseUrl;

/// The names of an instance's cookies, and whether they are `Secure`.
///
/// Over https they carry the `__Host-` prefix (RFC 6265bis section 4.1.3.2), so that no sibling domain
/// can set them. Plain http exists on loopback only. There the port is part of the name, since all
/// ports of a host share its cookies.
///
/// ```
/// use aad_auth::Auth;
/// use actix_web::HttpRequest;
///
/// fn sends_session_cookie(auth: &Auth, request: &HttpRequest) -> bool {
///     request.cookie(&auth.config().cookies.session).is_some()
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CookieNames {
    /// The binding cookie, which ties sign-in attempts to one browser.
    pub browser: String,
    /// The session cookie.
    pub session: String,
    /// The cookie of application data, for applications that use it.
    pub data: String,
    /// Whether they are `Secure`.
    pub secure: bool,
    stem: Box<str>,
}

impl CookieNames {
    /// The names for an application at `base`. They begin with `stem`, `aad` by default; `instance`
    /// tells several instances apart.
    pub(crate) fn new(base: &BaseUrl, stem: Option<&str>, instance: Option<&str>) -> Self {
        let beginning = stem.unwrap_or(DEFAULT_STEM);
        let stem = match instance {
            Some(name) => format!("{beginning}-{name}"),
            None => beginning.to_owned(),
        };
        let name = |what: &str| {
            if base.is_https() {
                format!("__Host-{stem}-{what}")
            } else {
                format!("{stem}-{what}-{}", base.port())
            }
        };
        Self {
            browser: name("browser"),
            session: name("session"),
            data: name("session-data"),
            secure: base.is_https(),
            stem: beginning.into(),
        }
    }

    /// All names.
    pub(crate) fn names(&self) -> [&str; 3] {
        [&self.browser, &self.session, &self.data]
    }

    /// The names of another instance, with the same beginning.
    pub(in crate::config_room) fn of_instance(
        &self,
        base: &BaseUrl,
        instance: Option<&str>,
    ) -> Self {
        Self::new(base, Some(&self.stem), instance)
    }

    /// Checks the beginning of the names (`AAD_COOKIE_NAME`): letters, digits, `-` and `_`, a subset of
    /// a token (RFC 6265 section 4.1.1). The crate adds the prefix `__Host-` itself.
    ///
    /// # Errors
    /// The broken rule.
    pub(crate) fn check_stem(stem: &str) -> Result<&str, &'static str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if stem.starts_with("__") {
            return Err("must not begin with __: the prefix __Host- is added over https");
        }
        if (1..=LONGEST_STEM).contains(&stem.len()) && stem.bytes().all(plain) {
            Ok(stem)
        } else {
            Err("must be letters, digits, - and _, at most 32")
        }
    }

    /// `Set-Cookie` for the binding cookie, with the lifetime [`BROWSER_MAX_AGE`].
    pub(crate) fn set_browser(&self, value: &str) -> String {
        format!(
            "{}; Max-Age={}",
            self.set(&self.browser, value),
            BROWSER_MAX_AGE.as_secs()
        )
    }

    /// `Set-Cookie` for the session cookie, which ends with the browser.
    pub(crate) fn set_session(&self, value: &str) -> String {
        self.set(&self.session, value)
    }

    /// `Set-Cookie` that removes the session cookie.
    pub(crate) fn remove_session(&self) -> String {
        format!("{}; Max-Age=0", self.set(&self.session, ""))
    }

    fn set(&self, name: &str, value: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
    }
}

const DEFAULT_STEM: &str = "aad";
/// In bytes, so that both cookies stay under 300 bytes together.
const LONGEST_STEM: usize = 32;

/// The lifetime of the binding cookie: 2 hours.
const BROWSER_MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_gives_host_prefixed_secure_cookies() {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let names = CookieNames::new(&base, None, None);
        assert_eq!(
            names.set_session("v"),
            "__Host-aad-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn loopback_names_carry_port_and_instance() {
        let base = BaseUrl::parse("http://localhost:5000").unwrap();
        let names = CookieNames::new(&base, None, Some("partners"));
        assert_eq!(names.browser, "aad-partners-browser-5000");
        assert!(!names.set_browser("v").contains("Secure"));
        assert!(names.set_browser("v").ends_with("Max-Age=7200"));
    }
}
