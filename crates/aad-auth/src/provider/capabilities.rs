//! What the provider says it can do, judged against what every sign-in of this application needs.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{
    ClientAuthMethod, Endpoint, Metadata, Misconfiguration, Obstacle, Provider, Unavailable, jwk,
    loader::Scope, metadata_document::MetadataDocument, provider::ProviderInner,
};
use crate::config::{ResponseMode, SigningAlgorithms};

/// The members of a metadata document that say whether a sign-in can succeed. A list that is absent
/// or empty says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Capabilities {
    response_types: Vec<String>,
    response_modes: Vec<String>,
    challenge_methods: Vec<String>,
    id_token_algorithms: Vec<String>,
    client_auth: Vec<String>,
    takes_pushed_requests_only: bool,
    takes_signed_requests_only: bool,
}

/// What a sign-in of this application needs beside an ID token that it can verify.
#[derive(Clone, Debug)]
pub struct Needs {
    /// How the application can prove itself. Empty where `AAD_CLIENT_AUTH` has decided.
    pub client_auth: Vec<ClientAuthMethod>,
    /// `AAD_RESPONSE_MODE`
    pub response_mode: ResponseMode,
    /// `AAD_USERINFO`
    pub userinfo: bool,
}

impl Default for Needs {
    /// The default settings with a client secret.
    fn default() -> Self {
        Self {
            client_auth: vec![
                ClientAuthMethod::ClientSecretPost,
                ClientAuthMethod::ClientSecretBasic,
            ],
            response_mode: ResponseMode::Query,
            userinfo: false,
        }
    }
}

impl Capabilities {
    pub(super) fn of(document: &MetadataDocument) -> Self {
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let demands = |demand: Option<bool>| demand.unwrap_or_default();
        Self {
            response_types: list(&document.response_types_supported),
            response_modes: list(&document.response_modes_supported),
            challenge_methods: list(&document.code_challenge_methods_supported),
            id_token_algorithms: list(&document.id_token_signing_alg_values_supported),
            client_auth: list(&document.token_endpoint_auth_methods_supported),
            takes_pushed_requests_only: demands(document.require_pushed_authorization_requests),
            takes_signed_requests_only: demands(document.require_signed_request_object),
        }
    }

    /// What stands in the way of every sign-in. `proven` says that the published keys are bound to an
    /// algorithm that is accepted: then a list that does not name it is out of date.
    fn obstacles(
        &self,
        needs: &Needs,
        algorithms: SigningAlgorithms,
        proven: bool,
    ) -> impl Iterator<Item = Obstacle> {
        let lacks = |offered: &[String], needed: &str| {
            !offered.is_empty() && !offered.iter().any(|one| one == needed)
        };
        let form_post = ResponseMode::FormPost;
        // `query` is what `code` means without a parameter, and none is sent for it (OAuth 2.0 Multiple
        // Response Types section 2.1): Slack answers so, and lists form_post alone.
        let other_mode =
            needs.response_mode == form_post && lacks(&self.response_modes, form_post.as_str());
        let other_challenge = lacks(&self.challenge_methods, "S256");
        [
            self.takes_pushed_requests_only
                .then_some(Obstacle::PushedRequests),
            self.takes_signed_requests_only
                .then_some(Obstacle::SignedRequests),
            other_challenge.then(|| Obstacle::ChallengeMethod(names(&self.challenge_methods))),
            lacks(&self.response_types, "code")
                .then(|| Obstacle::ResponseType(names(&self.response_types))),
            other_mode.then(|| Obstacle::ResponseMode(names(&self.response_modes))),
            self.signing_obstacle(algorithms).filter(|_| !proven),
        ]
        .into_iter()
        .flatten()
    }

    fn signing_obstacle(&self, algorithms: SigningAlgorithms) -> Option<Obstacle> {
        let offered = &self.id_token_algorithms;
        let fits = |accepted: SigningAlgorithms| {
            accepted
                .names()
                .find(|name| offered.iter().any(|one| one == name))
        };
        (!offered.is_empty() && fits(algorithms).is_none()).then(|| Obstacle::SigningAlgorithm {
            offered: names(offered),
            remedy: remedy(fits(SigningAlgorithms::ALL)),
        })
    }
}

/// What helps where no algorithm is accepted. `other`: one that could be.
pub(super) fn remedy(other: Option<&str>) -> String {
    match other {
        Some(name) => format!("set AAD_SIGNING_ALGORITHMS={name}"),
        None => "no setting here helps; have the provider sign with RS256, PS256 or ES256".into(),
    }
}

/// At most eight plain names of a list that the provider wrote, for the operator.
fn names(list: &[String]) -> String {
    let plain = list.iter().filter(|name| jwk::is_plain_name(name));
    let plain: Vec<_> = plain.take(8).map(String::as_str).collect();
    match plain[..] {
        [] => "nothing that is known here".to_owned(),
        _ => plain.join(", "),
    }
}

impl Metadata {
    /// What stands in the way of every sign-in with this metadata.
    fn obstacles(
        &self,
        needs: &Needs,
        algorithms: SigningAlgorithms,
        proven: bool,
    ) -> Vec<Obstacle> {
        let has_method = |method| self.client_auth_methods.contains(method);
        let unproved = !needs.client_auth.is_empty() && !needs.client_auth.iter().any(has_method);
        let client_auth =
            unproved.then(|| Obstacle::ClientAuth(names(&self.capabilities.client_auth)));
        let userinfo = (needs.userinfo && self.userinfo_endpoint.is_none()).then(|| {
            let foreign = self.foreign_endpoints.contains(&Endpoint::Userinfo);
            Obstacle::Userinfo(if foreign {
                format!("set AAD_ENDPOINT_HOSTS={}", self.foreign_hosts)
            } else {
                "switch it off".to_owned()
            })
        });
        let capabilities = self.capabilities.obstacles(needs, algorithms, proven);
        client_auth
            .into_iter()
            .chain(userinfo)
            .chain(capabilities)
            .collect()
    }
}

impl Provider {
    /// What stands in the way of every sign-in, by the metadata and keys that are held.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let Some(metadata) = self.metadata_now() else {
            return Vec::new();
        };
        let settings = self.settings();
        let proven = self.0.snapshot.load().keys.names_an_algorithm();
        metadata.obstacles(&settings.needs, settings.algorithms, proven)
    }

    /// The metadata for a sign-in that begins.
    ///
    /// # Errors
    /// As [`Self::metadata`]. Also where it is known that the sign-in cannot succeed, so that no user
    /// enters a password in vain. Keys that cannot be had at the moment are no such reason: they may
    /// be there when the user is back.
    pub async fn metadata_for_sign_in(&self) -> Result<Arc<Metadata>, Unavailable> {
        self.metadata().await?;
        let keys = if self.has_keys() {
            Ok(())
        } else {
            self.0.ensure(Scope::Keys).await
        };
        if !self.obstacles().is_empty() && self.metadata_age() >= RECONSIDERED {
            // The provider may have been mended meanwhile. A failure leaves what is held.
            let _ = self.0.ensure(Scope::Everything).await;
        }
        match self.obstacles().first() {
            Some(obstacle) => Err(Unavailable::until_changed(obstacle.misconfiguration())),
            None => match keys {
                Err(error) if error.misconfiguration.is_some() => Err(error),
                _ => self.metadata().await,
            },
        }
    }

    fn metadata_age(&self) -> Duration {
        let held = self.0.snapshot.load().metadata.clone();
        held.map_or(Duration::ZERO, |held| self.0.now().since(held.loaded_at))
    }
}

/// How old metadata with an obstacle is before a sign-in asks for it again.
const RECONSIDERED: Duration = Duration::from_secs(60);

impl ProviderInner {
    /// Names in the log what stands in the way of every sign-in, once for each change.
    pub(super) fn report_obstacles(self: &Arc<Self>) {
        let obstacles = Provider(Arc::clone(self)).obstacles();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        for obstacle in obstacles.iter().filter(|new| !reported.contains(new)) {
            let code = obstacle.misconfiguration().code();
            tracing::error!(code, cause = %obstacle, "no user can sign in");
        }
        *reported = obstacles;
    }
}

impl Unavailable {
    /// Only another setting, or another metadata document, helps.
    const fn until_changed(what: Misconfiguration) -> Self {
        Self {
            retry_after: RECONSIDERED,
            misconfiguration: Some(what),
        }
    }
}
