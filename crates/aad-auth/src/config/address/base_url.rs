//! The public base URL, and the check of return addresses against it.

use std::fmt;

use url::Url;

use super::{KeptAddress, ReturnTo};
use crate::config_room::host::is_loopback;

/// The public base URL of the application (`AAD_BASE_URL`): https, or http on loopback. It may have a
/// path.
///
/// Every absolute address of the crate starts with it. The `Host` header is never used.
///
/// ```
/// use aad_auth::config::BaseUrl;
///
/// let base = BaseUrl::parse("https://app.example.com/shop")?;
/// assert_eq!(base.join("/cart"), "https://app.example.com/shop/cart");
/// assert!(BaseUrl::parse("http://app.example.com").is_err());
/// # Ok::<_, &str>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseUrl {
    url: Url,
    path: String,
}

impl BaseUrl {
    /// Parses a base URL.
    ///
    /// # Errors
    /// The broken rule.
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

    /// The path of the base URL, without a slash at the end. A proxy removes it from requests. May be
    /// empty.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is https. Cookies are `Secure` and named `__Host-` then.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the host is a loopback name or address.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The host, with the port where it is not the default of the scheme: the form of a `Host` header.
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The port, also where it is the default of the scheme.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The address in the browser of a request that reaches the application as `path_and_query`.
    pub fn external(&self, path_and_query: &str) -> ReturnTo {
        self.return_to(&format!("{}{path_and_query}", self.path))
    }

    /// The home page as a return address.
    pub(crate) fn home(&self) -> ReturnTo {
        ReturnTo::checked(format!("{}/", self.path))
    }

    /// Checks a return address from outside: path, query and fragment on this origin.
    ///
    /// Of more than [`ReturnTo::MAX_LENGTH`] bytes, the fragment is removed, then the query; then the
    /// home page is used instead.
    ///
    /// An address that a browser could read as another origin becomes the home page, so that no value
    /// makes an open redirect (CWE-601). The value is parsed by the rules of browsers (WHATWG URL), which
    /// drop tabs and line breaks, read `\` as `/`, and resolve `.` and `..`.
    pub fn return_to(&self, value: &str) -> ReturnTo {
        self.kept(value).address
    }

    /// As [`return_to`](Self::return_to), and says whether the address was shortened.
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
        let (address, is_whole) = self.longest_fitting(&resolved)?;
        Some(KeptAddress {
            address,
            shortened: too_long || !is_whole,
        })
    }

    /// The longest form of an address that fits, and whether it is the whole address.
    fn longest_fitting(&self, resolved: &Url) -> Option<(ReturnTo, bool)> {
        let path = resolved.path().to_owned();
        let with_query = match resolved.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.clone(),
        };
        let whole = match resolved.fragment() {
            Some(fragment) if !fragment.is_empty() => format!("{with_query}#{fragment}"),
            _ => with_query.clone(),
        };
        let candidates = [whole.clone(), with_query, path, self.home().to_string()];
        let fits = |address: &String| address.len() <= ReturnTo::MAX_LENGTH;
        let address = candidates.into_iter().find(fits)?;
        let is_whole = address == whole;
        Some((ReturnTo::checked(address), is_whole))
    }

    /// Adds a fragment to an address. One that does not fit is left out. Browsers send no fragments, so
    /// it comes from a script.
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

    /// The return address of an absolute address, such as that of the `Referer` header or of htmx's
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

    /// The local part of an absolute address on this origin, such as `target_link_uri` (OpenID Connect
    /// Core 1.0 section 4). The home page for an address on another origin.
    pub(crate) fn kept_of_absolute(&self, address: &str) -> KeptAddress {
        let local = address.strip_prefix(&self.origin());
        // Without a slash the origin was only the beginning of another one.
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
#[path = "base_url_tests.rs"]
mod tests;
