//! Calls to the provider and to downstream APIs.

use std::{path::Path, time::Duration};

use super::ConfigBuilder;

impl ConfigBuilder {
    /// Sets a PEM file of further trusted root certificates (`AAD_CA_FILE`). The default is none beside
    /// those that the system trusts. [`build`](Self::build) reads it.
    pub fn ca_file(self, file: impl AsRef<Path>) -> Self {
        self.path("AAD_CA_FILE", file.as_ref())
    }

    /// Sets the total deadline of one call to the provider (`AAD_PROVIDER_TIMEOUT`). The default is 10 s.
    ///
    /// Whole seconds, from 1 s to 60 s.
    pub fn provider_timeout(self, deadline: Duration) -> Self {
        self.duration("AAD_PROVIDER_TIMEOUT", deadline)
    }

    /// Sets the base of Microsoft Graph, without its version (`AAD_GRAPH_URL`). The default is that of the
    /// cloud.
    pub fn graph_url(self, url: impl AsRef<str>) -> Self {
        self.text("AAD_GRAPH_URL", url.as_ref())
    }
}
