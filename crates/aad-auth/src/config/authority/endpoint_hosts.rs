//! The hosts at which a metadata document may name endpoints.

use std::collections::BTreeSet;

use url::Url;

use super::{Cloud, cloud::EXTERNAL_ID_SUFFIX};
use crate::config_room::{
    Problem,
    host::{host_and_port, is_loopback},
};

/// The hosts at which metadata may name endpoints: the authority's own host, those of its cloud, and
/// `AAD_ENDPOINT_HOSTS`.
///
/// An attacker that alters a metadata document must not receive codes and secrets (abuse F2).
///
/// ```
/// use aad_auth::Config;
/// use url::Url;
///
/// fn is_endpoint_of_provider(config: &Config, url: &Url) -> bool {
///     config.endpoint_hosts.allow(url)
/// }
/// ```
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
    /// An entry is not a plain host.
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

    /// Whether an endpoint may be at the host and port of `url`.
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

    /// Whether `AAD_ENDPOINT_HOSTS` names the host of `url`.
    pub(crate) fn lists(&self, url: &Url) -> bool {
        self.further.contains(&host_and_port(url))
    }
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
#[path = "endpoint_hosts_tests.rs"]
mod tests;
