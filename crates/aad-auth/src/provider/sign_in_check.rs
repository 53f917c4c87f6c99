//! Whether a sign-in can succeed with the metadata and keys that are held.

use std::sync::PoisonError;

use super::{
    Endpoint, Metadata, Obstacle, SignInRequirements, capabilities::plain_names,
    inner::ProviderInner,
};
use crate::config::SigningAlgorithms;

impl ProviderInner {
    /// The reasons why no sign-in can succeed. Empty while no metadata is held.
    pub(super) fn obstacles(&self) -> Vec<Obstacle> {
        let Some(metadata) = self.metadata() else {
            return Vec::new();
        };
        let settings = &self.settings;
        let proven = self.snapshot.load().keys.names_an_algorithm();
        metadata.obstacles(&settings.requirements, settings.algorithms, proven)
    }

    /// Logs the obstacles, each once until it disappears.
    pub(super) fn report_obstacles(&self) {
        let obstacles = self.obstacles();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        for obstacle in obstacles.iter().filter(|new| !reported.contains(new)) {
            let code = obstacle.misconfiguration().code();
            tracing::error!(code, cause = %obstacle, "no user can sign in");
        }
        *reported = obstacles;
    }
}

impl Metadata {
    /// The reasons why no sign-in can succeed with this metadata.
    fn obstacles(
        &self,
        requirements: &SignInRequirements,
        algorithms: SigningAlgorithms,
        proven: bool,
    ) -> Vec<Obstacle> {
        let methods = &requirements.client_auth;
        let has_method = |method| self.client_auth_methods.contains(method);
        let lacks_methods = !methods.is_empty() && !methods.iter().any(has_method);
        let client_auth = lacks_methods
            .then(|| Obstacle::ClientAuth(plain_names(&self.capabilities.client_auth)));
        let lacks_userinfo = requirements.userinfo && self.userinfo_endpoint.is_none();
        let userinfo = lacks_userinfo.then(|| {
            let foreign = self.foreign_endpoints.contains(&Endpoint::Userinfo);
            Obstacle::Userinfo(if foreign {
                format!("set AAD_ENDPOINT_HOSTS={}", self.foreign_hosts)
            } else {
                "switch it off".to_owned()
            })
        });
        let capabilities = self
            .capabilities
            .obstacles(requirements, algorithms, proven);
        client_auth
            .into_iter()
            .chain(userinfo)
            .chain(capabilities)
            .collect()
    }
}
