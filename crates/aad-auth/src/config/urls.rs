//! The public base URL and local return addresses, as types that cannot hold anything else.

use std::fmt;

use url::Url;

use super::{KeptAddress, ReturnTo, is_loopback};

/// The public base URL of the application: https, or http on loopback; it may have a path.
///
/// Every absolute address the crate makes starts with it. The `Host` header never takes part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseUrl {
    url: Url,
    path: String,
}

impl BaseUrl {
    /// Checks and takes a base URL. The error says which rule is broken.
    pub fn parse(value: &str) -> Result<Self, &'static str> {
        let url = Url::parse(value).map_err(|_| "must be an absolute URL")?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("must be https: plain http is accepted on loopback only"),
            _ => return Err("must be https"),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must have neither query nor fragment");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        if path.contains("//") {
            return Err("must not have an empty path segment");
        }
        Ok(Self { url, path })
    }

    /// The absolute URL of a path below the base URL.
    pub fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.path)
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The path of the base URL without a slash at the end: empty, or the part that a proxy strips.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is https, so that cookies are `Secure` and named `__Host-`.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the host is a loopback name or address.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Host and, unless it is the scheme's own, port: the form of a `Host` header.
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The port, also where it is the scheme's own.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The address the browser sees for what the application was asked for as `path_and_query`.
    pub fn external(&self, path_and_query: &str) -> ReturnTo {
        self.return_to(&format!("{}{path_and_query}", self.path))
    }

    /// The home page as a return address.
    pub fn home(&self) -> ReturnTo {
        ReturnTo::checked(format!("{}/", self.path))
    }

    /// Takes a return address from outside: path, query and fragment on this origin, at most
    /// [`ReturnTo::MAX_LENGTH`] bytes (longer: the fragment goes, then the query, then all of it).
    ///
    /// Whatever a browser could take for another origin becomes the home page, so that no value
    /// makes an open redirect (CWE-601). The value is read by the rules browsers use (WHATWG URL):
    /// they drop tabs and line breaks, take `\` for `/`, and resolve `.` and `..`.
    pub fn return_to(&self, value: &str) -> ReturnTo {
        self.kept(value).address
    }

    /// The same, and whether something had to go because the address is too long.
    pub fn kept(&self, value: &str) -> KeptAddress {
        self.checked(value).unwrap_or_else(|| KeptAddress {
            address: self.home(),
            shortened: false,
        })
    }

    fn checked(&self, value: &str) -> Option<KeptAddress> {
        let plain = |c: char| !c.is_control() && c != '\\' && c != ' ';
        let too_long = value.len() > LONGEST_INPUT;
        let value = match value.split_once(['?', '#']) {
            Some((path, _)) if too_long => path,
            _ => value,
        };
        if !value.starts_with('/') || value.len() > LONGEST_INPUT || !value.chars().all(plain) {
            return None;
        }
        let resolved = self.url.join(value).ok()?;
        if resolved.origin() != self.url.origin() || !resolved.username().is_empty() {
            return None;
        }
        // `/.//evil.test` resolves to the path `//evil.test`, which is another host in a `Location`.
        let path = resolved.path();
        let below_base = path
            .strip_prefix(&self.path)
            .is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
        if path.starts_with("//") || !below_base {
            return None;
        }
        let with_query = match resolved.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let with_fragment = match resolved.fragment() {
            Some(fragment) if !fragment.is_empty() => format!("{with_query}#{fragment}"),
            _ => with_query.clone(),
        };
        let whole = with_fragment.clone();
        let candidates = [
            with_fragment,
            with_query,
            path.to_owned(),
            self.home().to_string(),
        ];
        let fits = |address: &String| address.len() <= ReturnTo::MAX_LENGTH;
        let address = candidates.into_iter().find(fits)?;
        Some(KeptAddress {
            shortened: too_long || address != whole,
            address: ReturnTo::checked(address),
        })
    }

    /// The same address with a fragment, which a browser keeps to itself unless a script tells it.
    /// One that does not fit is left out.
    pub fn with_fragment(&self, address: &ReturnTo, fragment: &str) -> ReturnTo {
        let (address, _) = address
            .as_str()
            .split_once('#')
            .unwrap_or((address.as_str(), ""));
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        let known = ReturnTo::checked(address.to_owned());
        if fragment.len() > ReturnTo::MAX_LENGTH {
            return known;
        }
        let whole = format!("{address}#{fragment}");
        let checked = self.checked(&whole).filter(|kept| !kept.shortened);
        checked.map_or(known, |kept| kept.address)
    }

    /// The local part of an absolute address on this origin, such as `target_link_uri` (OpenID
    /// Connect Core 1.0 section 4); the home page for any other.
    pub fn kept_of_absolute(&self, address: &str) -> KeptAddress {
        let local = address.strip_prefix(&self.origin());
        // What follows an origin is a path, or it was the beginning of another one.
        self.kept(local.unwrap_or_default())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

const LONGEST_INPUT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> BaseUrl {
        BaseUrl::parse("https://app.example.test").unwrap()
    }

    #[test]
    fn refuses_what_is_no_base_url() {
        for value in [
            "",
            "app.example.test",
            "http://app.example.test",
            "ftp://localhost",
            "https://app.example.test/?x=1",
            "https://app.example.test/#x",
            "https://user@app.example.test",
            "https://app.example.test//x",
            "javascript:alert(1)",
        ] {
            assert!(BaseUrl::parse(value).is_err(), "{value}");
        }
    }

    #[test]
    fn keeps_paths_and_queries() {
        for value in [
            "/",
            "/a/b",
            "/a?b=c&d=/e",
            "/?x=//evil.test",
            "/%5cevil.test",
            "/a%20b",
            "/a?b=c#d/e?f=g",
            "/#/route",
        ] {
            assert_eq!(base().return_to(value).as_str(), value);
        }
        assert_eq!(base().return_to("/ä").as_str(), "/%C3%A4");
    }

    #[test]
    fn refuses_other_origins() {
        for value in [
            "https://evil.test/",
            "//evil.test/",
            "/\\evil.test/",
            "\\\\evil.test/",
            "///evil.test",
            "http:evil.test",
            "https:/evil.test",
            "/\t/evil.test",
            "/\n/evil.test",
            "/\r/evil.test",
            "\t//evil.test",
            " //evil.test",
            "\0//evil.test",
            "javascript:alert(1)",
            "data:text/html,x",
            "//app.example.test@evil.test",
            "/.//evil.test",
            "/..//evil.test",
            "/x/..//evil.test",
            "/./\\evil.test",
            "/\\/evil.test",
            "/\r\nX-Injected: yes",
            "?//evil.test",
            "#//evil.test",
            ".evil.test",
            "@evil.test",
            ":443@evil.test",
            "",
            "/%2e//evil.test",
            "/%2E%2e//evil.test",
        ] {
            assert_eq!(base().return_to(value).as_str(), "/", "{value:?}");
        }
    }

    #[test]
    fn shortens_long_addresses() {
        let query = "x".repeat(2000);
        assert_eq!(base().return_to(&format!("/a?{query}")).as_str(), "/a");
        assert_eq!(base().return_to(&format!("/{query}")).as_str(), "/");
        assert_eq!(base().return_to(&format!("/a?b#{query}")).as_str(), "/a?b");
    }

    #[test]
    fn r25_says_where_something_had_to_go() {
        let kept = |value: &str| {
            let kept = base().kept(value);
            (kept.address.as_str().to_owned(), kept.shortened)
        };
        let fitting = "x".repeat(ReturnTo::MAX_LENGTH - 3);
        let (long, endless) = ("x".repeat(ReturnTo::MAX_LENGTH), "x".repeat(20_000));
        let whole = format!("/a?{fitting}");
        assert_eq!(kept(&whole), (whole.clone(), false));
        for (value, address) in [
            (format!("/a?{long}"), "/a"),
            (format!("/a?{}", "ä".repeat(600)), "/a"),
            (format!("/a?b#{long}"), "/a?b"),
            (format!("/a?{endless}"), "/a"),
            (format!("/{long}?b"), "/"),
        ] {
            assert_eq!(kept(&value), (address.to_owned(), true));
        }
        for other in [
            format!("//evil.test/?{long}"),
            format!("//evil.test/?{endless}"),
        ] {
            assert_eq!(kept(&other), ("/".to_owned(), false));
        }
    }

    #[test]
    fn a_fragment_stays_a_fragment() {
        let with = |fragment: &str| {
            let address = base().return_to("/a?b=c");
            base().with_fragment(&address, fragment).as_str().to_owned()
        };
        assert_eq!(with("section"), "/a?b=c#section");
        assert_eq!(with("#/route?x=1"), "/a?b=c#/route?x=1");
        assert_eq!(with("//evil.test"), "/a?b=c#//evil.test");
        assert_eq!(with("a#b%20<\""), "/a?b=c#a#b%20%3C%22");
        assert_eq!(with(""), "/a?b=c");
        assert_eq!(with(&"x".repeat(2000)), "/a?b=c");
        for refused in ["\r\nX-Injected: yes", "\0", "a b", "\\evil.test"] {
            assert_eq!(with(refused), "/a?b=c", "{refused:?}");
        }
    }

    #[test]
    fn only_absolute_addresses_of_our_own_become_local() {
        let local = |address: &str| base().kept_of_absolute(address).address.to_string();
        assert_eq!(local("https://app.example.test/a?b#c"), "/a?b#c");
        for other in [
            "https://app.example.test",
            "https://app.example.test.evil.test/a",
            "https://app.example.test@evil.test/a",
            "https://app.example.test:444/a",
            "https://app.example.test//evil.test",
            "http://app.example.test/a",
            "https://evil.test/a",
            "/a",
            "",
        ] {
            assert_eq!(local(other), "/", "{other}");
        }
    }

    #[test]
    fn stays_below_the_base_path() {
        let base = BaseUrl::parse("https://example.test/portal/").unwrap();
        assert_eq!(base.external("/a?b").as_str(), "/portal/a?b");
        assert_eq!(base.return_to("/portal/a").as_str(), "/portal/a");
        assert_eq!(base.return_to("/other").as_str(), "/portal/");
        assert_eq!(base.return_to("/portalevil").as_str(), "/portal/");
        assert_eq!(
            base.join("/auth/redirect"),
            "https://example.test/portal/auth/redirect"
        );
    }

    proptest! {
        /// Whatever comes in, a browser that follows the result stays on the origin.
        #[test]
        fn never_leaves_the_origin(value in "[/\\\\.%a-z?#@:;\\t\\n\\r\\x00 。／]{0,24}|\\PC{0,40}") {
            let base = base();
            let address = base.return_to(&value);
            prop_assert!(address.as_str().starts_with('/'));
            prop_assert!(address.as_str().bytes().all(|b| (0x21..0x7f).contains(&b)));
            let landed = Url::parse("https://app.example.test/auth/redirect").unwrap()
                .join(address.as_str()).unwrap();
            prop_assert_eq!(landed.origin().ascii_serialization(), base.origin());
            // What was checked once passes unchanged the second time.
            let again = base.return_to(address.as_str());
            prop_assert_eq!(again.as_str(), address.as_str());
        }
    }
}
