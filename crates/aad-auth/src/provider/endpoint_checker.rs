//! Checks the addresses in a metadata document.

use std::collections::BTreeSet;

use url::Url;

use super::{Endpoint, MetadataError};
use crate::config::{Authority, EndpointHosts, host_and_port, is_loopback};

/// Checks addresses, and collects the unexpected hosts for one message. An unusable required endpoint
/// refuses the document. An unusable optional one counts as absent.
pub(super) struct EndpointChecker<'a> {
    hosts: &'a EndpointHosts,
    plain_http: bool,
    foreign: BTreeSet<String>,
    refused: bool,
    ignored: IgnoredEndpoints,
}

/// Optional endpoints that count as absent.
#[derive(Default)]
pub(super) struct IgnoredEndpoints {
    /// Endpoints with an unusable address.
    pub(super) unusable: Vec<Endpoint>,
    /// Endpoints at unexpected hosts.
    pub(super) foreign: Vec<Endpoint>,
    /// The hosts of `foreign`, in the form of `AAD_ENDPOINT_HOSTS`.
    pub(super) hosts: String,
}

impl<'a> EndpointChecker<'a> {
    pub(super) fn new(authority: &Authority, hosts: &'a EndpointHosts) -> Self {
        Self {
            hosts,
            plain_http: is_loopback(authority.origin()),
            foreign: BTreeSet::new(),
            refused: false,
            ignored: IgnoredEndpoints::default(),
        }
    }

    /// The address of a required endpoint. [`Self::finish`] reports an unexpected host.
    pub(super) fn check(
        &mut self,
        endpoint: Endpoint,
        address: &str,
    ) -> Result<Url, MetadataError> {
        let url = self.plain_address(endpoint, address)?;
        self.refused |= !self.is_expected(&url);
        Ok(url)
    }

    /// The address of an optional endpoint. Some providers send an empty text for a missing one.
    pub(super) fn check_optional(&mut self, endpoint: Endpoint, address: &str) -> Option<Url> {
        if address.is_empty() {
            return None;
        }
        let Ok(url) = self.plain_address(endpoint, address) else {
            self.ignored.unusable.push(endpoint);
            return None;
        };
        if self.is_expected(&url) {
            return Some(url);
        }
        self.ignored.foreign.push(endpoint);
        None
    }

    fn is_expected(&mut self, url: &Url) -> bool {
        let expected = self.hosts.allow(url);
        if !expected {
            self.foreign.insert(host_and_port(url));
        }
        expected
    }

    fn plain_address(&self, endpoint: Endpoint, address: &str) -> Result<Url, MetadataError> {
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
        Ok(url)
    }

    /// The host of Microsoft Graph. Graph receives tokens, so an unexpected host is ignored.
    pub(super) fn graph_host(&self, host: &str) -> Option<String> {
        let plain = host.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
        });
        let url = plain
            .then(|| Url::parse(&format!("https://{host}/")).ok())
            .flatten()?;
        self.hosts.allow(&url).then(|| host.to_owned())
    }

    /// The optional endpoints that count as absent.
    ///
    /// # Errors
    /// [`MetadataError::ForeignHosts`] where a required endpoint is at an unexpected host. The error
    /// names the hosts of optional endpoints too.
    pub(super) fn finish(self) -> Result<IgnoredEndpoints, MetadataError> {
        let hosts: Vec<String> = self.foreign.into_iter().collect();
        let hosts = hosts.join(",");
        if self.refused {
            return Err(MetadataError::ForeignHosts { hosts });
        }
        Ok(IgnoredEndpoints {
            hosts,
            ..self.ignored
        })
    }
}
