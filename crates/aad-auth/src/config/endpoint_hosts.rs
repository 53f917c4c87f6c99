//! The hosts to which a metadata document may send us.

use std::collections::BTreeSet;

use url::{Host, Url};

use super::{Cloud, Problem, cloud::EXTERNAL_ID_SUFFIX};

/// The hosts that metadata may name: the authority's own, those of its cloud, and
/// `AAD_ENDPOINT_HOSTS`. Whoever can alter a metadata document must not receive codes and secrets
/// (abuse F2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointHosts {
    own: String,
    own_port_on_loopback: Option<u16>,
    cloud: Option<&'static Cloud>,
    external_id: bool,
    further: BTreeSet<String>,
}

const VARIABLE: &str = "AAD_ENDPOINT_HOSTS";

impl EndpointHosts {
    pub(crate) fn new(authority: &Url, cloud: Option<&'static Cloud>, external_id: bool) -> Self {
        Self {
            own: host_and_port(authority),
            own_port_on_loopback: is_loopback(authority)
                .then(|| authority.port_or_known_default())
                .flatten(),
            cloud,
            external_id,
            further: BTreeSet::new(),
        }
    }

    /// Also allows the hosts of `AAD_ENDPOINT_HOSTS`: `host` or `host:port`, separated by commas.
    ///
    /// # Errors
    /// When an entry is not a plain host.
    pub fn with_further(mut self, list: &str) -> Result<Self, Problem> {
        for entry in list.split(',').map(str::trim) {
            self.further.insert(parse_host(entry).ok_or_else(|| {
                Problem::new(
                    VARIABLE,
                    "must be host names separated by commas, each without scheme, path or wildcard",
                    "oauth2.example.com,keys.example.com:8443",
                )
            })?);
        }
        Ok(self)
    }

    /// Whether an endpoint may be at `url`'s host and port.
    pub fn allow(&self, url: &Url) -> bool {
        let host = host_and_port(url);
        host == self.own
            || self.further.contains(&host)
            || self.cloud.is_some_and(|cloud| cloud.has_host(&host))
            || (self.external_id && host.ends_with(EXTERNAL_ID_SUFFIX))
            || (self.own_port_on_loopback.is_some()
                && self.own_port_on_loopback == url.port_or_known_default()
                && is_loopback(url))
    }

    /// Whether `AAD_ENDPOINT_HOSTS` names `url`'s host.
    pub(crate) fn lists(&self, url: &Url) -> bool {
        self.further.contains(&host_and_port(url))
    }
}

/// Whether `url`'s host can only be this machine: `localhost`, a name below it (RFC 6761
/// section 6.3), 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether `name` is `localhost` or below it.
pub(crate) fn is_localhost(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// `host`, or `host:port` unless the port is the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn parse_host(entry: &str) -> Option<String> {
    let plain = !entry.is_empty()
        && !entry.contains(['/', '?', '#', '@', '*', '\\', '%'])
        && entry.bytes().all(|byte| byte.is_ascii_graphic());
    let url = plain
        .then(|| Url::parse(&format!("https://{entry}/")).ok())
        .flatten()?;
    Some(host_and_port(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(authority: &str) -> EndpointHosts {
        let url = Url::parse(authority).unwrap();
        let cloud = Cloud::of_login_host(url.host_str().unwrap());
        EndpointHosts::new(&url, cloud, false)
    }

    fn allow(hosts: &EndpointHosts, url: &str) -> bool {
        hosts.allow(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_localhost_and_what_is_below_it_is_this_machine() {
        for name in [
            "",
            "localhost.",
            "notlocalhost",
            "localhost.evil.test",
            "x.localhost.evil.test",
            "local",
        ] {
            assert!(!is_localhost(name), "{name}");
        }
        for name in ["localhost", "LocalHost", "x.localhost", "a.b.localhost"] {
            assert!(is_localhost(name), "{name}");
        }
    }

    #[test]
    fn own_and_cloud_hosts_are_allowed() {
        let hosts = hosts("https://login.microsoftonline.com/x/v2.0");
        assert!(allow(&hosts, "https://login.microsoftonline.com/token"));
        assert!(allow(&hosts, "https://graph.microsoft.com/oidc/userinfo"));
        assert!(allow(&hosts, "https://login.windows.net/token"));
    }

    #[test]
    fn foreign_hosts_other_clouds_and_other_ports_are_refused() {
        let hosts = hosts("https://login.microsoftonline.com/x/v2.0");
        for url in [
            "https://evil.test/token",
            "https://login.microsoftonline.com.evil.test/token",
            "https://login.microsoftonline.us/token",
            "https://login.microsoftonline.com:8443/token",
            "https://127.0.0.1/token",
        ] {
            assert!(!allow(&hosts, url), "{url}");
        }
    }

    #[test]
    fn a_local_authority_may_only_name_its_own_port() {
        let hosts = hosts("http://127.0.0.1:5001/x");
        assert!(allow(&hosts, "http://x.localhost:5001/keys"));
        assert!(!allow(&hosts, "http://127.0.0.1:6379/keys"));
        assert!(!allow(&hosts, "https://graph.microsoft.com/"));
    }

    #[test]
    fn further_hosts_are_plain_names() {
        let base = hosts("https://id.example.com/");
        let listed = base
            .clone()
            .with_further("keys.example.com:8443, B.example")
            .unwrap();
        assert!(allow(&listed, "https://keys.example.com:8443/k"));
        assert!(allow(&listed, "https://b.example/k"));
        assert!(!allow(&listed, "https://keys.example.com/k"));
        for list in ["", "https://a.b", "*.example.com", "a/b", "a@b", "a b"] {
            assert!(base.clone().with_further(list).is_err(), "{list}");
        }
    }
}
