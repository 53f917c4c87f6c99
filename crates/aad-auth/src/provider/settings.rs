//! Settings of the provider, and its ports to the outside.

use std::{sync::Arc, time::Duration};

use super::{Background, Fetch, Metadata, MetadataError, SignInRequirements};
use crate::{
    clock::Clock,
    config::{Authority, EndpointHosts, SigningAlgorithms},
    random::Random,
};

/// Settings of a [`Provider`](super::Provider).
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The authority.
    pub authority: Authority,
    /// The hosts that metadata may name: [`Authority::endpoint_hosts`] and `AAD_ENDPOINT_HOSTS`.
    pub hosts: EndpointHosts,
    /// `AAD_SIGNING_ALGORITHMS`
    pub algorithms: SigningAlgorithms,
    /// The client id whose application-specific signing keys are fetched (`AAD_APP_SIGNING_KEYS`).
    /// `None` fetches the keys of the tenant.
    pub app_id: Option<String>,
    /// What a sign-in requires of the provider.
    pub requirements: SignInRequirements,
    /// How long a request waits for metadata and keys when none are held (`AAD_PROVIDER_TIMEOUT`).
    pub patience: Duration,
}

impl ProviderSettings {
    pub(super) fn parse_metadata(&self, document: &[u8]) -> Result<Metadata, MetadataError> {
        Metadata::parse(document, &self.authority, &self.hosts)
    }

    /// The label of a stored snapshot. A snapshot with another label belongs to other settings.
    pub(super) fn snapshot_label(&self) -> String {
        let app_id = self.app_id.as_deref().unwrap_or_default();
        format!("{} {app_id}", self.authority.id())
    }
}

/// The ports of a [`Provider`](super::Provider): HTTP, tasks, time and randomness.
#[derive(Clone)]
pub struct ProviderPorts {
    /// Fetches documents.
    pub fetch: Arc<dyn Fetch>,
    /// Runs tasks that outlive the request that started them.
    pub background: Arc<dyn Background>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Spreads the refreshes of several replicas in time.
    pub random: Arc<dyn Random>,
}
