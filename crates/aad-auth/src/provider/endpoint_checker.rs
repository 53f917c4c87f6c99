//! Checking the addresses in a metadata document.

use std::collections::BTreeSet;

use url::Url;

use super::{Endpoint, MetadataError};
use crate::config::{Authority, EndpointHosts, host_and_port, is_loopback};

/// Checks addresses and gathers the hosts that are not expected, so that one message can name
/// them all.
pub(super) struct EndpointChecker<'a> {
    hosts: &'a EndpointHosts,
    plain_http: bool,
    foreign: BTreeSet<String>,
}

impl<'a> EndpointChecker<'a> {
    pub(super) fn new(authority: &Authority, hosts: &'a EndpointHosts) -> Self {
        Self {
            hosts,
            plain_http: is_loopback(authority.origin()),
            foreign: BTreeSet::new(),
        }
    }

    pub(super) fn check(
        &mut self,
        endpoint: Endpoint,
        address: &str,
    ) -> Result<Url, MetadataError> {
        let insecure = MetadataError::Insecure(endpoint);
        let plain = address.len() <= 2048 && address.bytes().all(|byte| byte.is_ascii_graphic());
        let url = plain
            .then(|| Url::parse(address).ok())
            .flatten()
            .ok_or(insecure.clone())?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => self.plain_http && is_loopback(&url),
            _ => false,
        };
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !secure || !bare || url.host_str().is_none() {
            return Err(insecure);
        }
        if !self.hosts.allow(&url) {
            self.foreign.insert(host_and_port(&url));
        }
        Ok(url)
    }

    /// Graph is called with tokens too; a host that is not expected is simply not used.
    pub(super) fn graph_host(&self, host: &str) -> Option<String> {
        let plain = host.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
        });
        let url = plain
            .then(|| Url::parse(&format!("https://{host}/")).ok())
            .flatten()?;
        self.hosts.allow(&url).then(|| host.to_owned())
    }

    pub(super) fn finish(self) -> Result<(), MetadataError> {
        if self.foreign.is_empty() {
            return Ok(());
        }
        let hosts: Vec<String> = self.foreign.into_iter().collect();
        Err(MetadataError::ForeignHosts {
            hosts: hosts.join(","),
        })
    }
}
