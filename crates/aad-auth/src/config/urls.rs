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

    /// The same for an absolute address, such as that of the `Referer` header or of htmx's
    /// `HX-Current-URL`. An address on another origin becomes the home page.
    ///
    /// ```
    /// use aad_auth::config::BaseUrl;
    ///
    /// let base = BaseUrl::parse("https://app.example.com/shop")?;
    /// let own = base.return_to_url("https://app.example.com/shop/cart?step=2");
    /// assert_eq!(own.as_str(), "/shop/cart?step=2");
    /// assert_eq!(base.return_to_url("https://evil.example/").as_str(), "/shop/");
    /// # Ok::<_, &str>(())
    /// ```
    pub fn return_to_url(&self, address: &str) -> ReturnTo {
        self.kept_of_absolute(address).address
    }

    /// The same, and whether something had to go because the address is too long.
    pub(crate) fn kept(&self, value: &str) -> KeptAddress {
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
    pub(crate) fn with_fragment(&self, address: &ReturnTo, fragment: &str) -> ReturnTo {
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
    pub(crate) fn kept_of_absolute(&self, address: &str) -> KeptAddress {
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
#[path = "urls_tests.rs"]
mod tests;
