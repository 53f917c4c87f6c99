//! The sign-in engine of one instance, with its dependencies.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    AttemptSealer, Replicas, SignInHook, SignOutHook, UserFlows,
    attempt_claim::{AttemptClaims, RefusedRecords},
    deployment::Deployment,
    missing_refresh_token::MissingRefreshToken,
    outcomes::Outcomes,
    replica_keys::ReplicaKeys,
};
use crate::{
    client_auth::ClientCredential,
    clock::Clock,
    config::Config,
    grant::{TokenClient, UserinfoClient},
    observe::Events,
    provider::Provider,
    random::Random,
    seal::{Keys, SealPurpose, Sealer},
    session::Sessions,
    transport::{CallPurpose, Transport},
    validation::{ProviderKind, Verifier},
};

/// Signs users in and out. All workers of an instance share it.
pub struct Engine {
    pub(super) config: Arc<Config>,
    pub(super) keys: Arc<Keys>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) provider: Provider,
    pub(super) user_flows: UserFlows,
    pub(super) verifier: Verifier,
    pub(super) tokens: TokenClient,
    credential: ClientCredential,
    pub(super) userinfo: UserinfoClient,
    pub(super) transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) hook: Option<SignInHook>,
    pub(super) sign_out_hook: Option<SignOutHook>,
    pub(super) attempts: AttemptSealer,
    pub(super) sign_outs: Sealer,
    pub(super) outcomes: Arc<Outcomes>,
    pub(super) claims: AttemptClaims,
    pub(super) replicas: Arc<Replicas>,
    pub(super) deployment: Deployment,
    pub(super) redemptions: Arc<Semaphore>,
    pub(super) redirect_uri: String,
    pub(super) events: Events,
    pub(super) missing_refresh_token: MissingRefreshToken,
}

/// The dependencies of an [`Engine`].
pub(crate) struct EngineParts {
    /// The configuration.
    pub(crate) config: Arc<Config>,
    /// The key generations.
    pub(crate) keys: Arc<Keys>,
    /// The sessions.
    pub(crate) sessions: Arc<Sessions>,
    /// Verifies ID tokens; holds the provider.
    pub(crate) verifier: Verifier,
    /// The providers of the further user flows.
    pub(crate) user_flows: UserFlows,
    /// Client of the token endpoint.
    pub(crate) tokens: TokenClient,
    /// The application's credential.
    pub(crate) credential: ClientCredential,
    /// HTTP transport to the provider.
    pub(crate) transport: Transport,
    /// Source of the present time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Source of randomness.
    pub(crate) random: Arc<dyn Random>,
    /// The sign-in callback. `None`: every user is admitted.
    pub(crate) hook: Option<SignInHook>,
    /// The sign-out callback.
    pub(crate) sign_out_hook: Option<SignOutHook>,
}

impl Engine {
    /// An engine of these parts.
    pub(crate) fn new(parts: EngineParts) -> Self {
        let redirect_uri = parts.config.redirect_uri();
        let userinfo = UserinfoClient::new(
            parts.transport.clone(),
            CallPurpose::Userinfo,
            parts.config.roles_claim.clone(),
            ProviderKind::from(parts.config.authority.kind()),
        );
        Self {
            attempts: AttemptSealer::new(&parts.keys, &redirect_uri),
            sign_outs: parts.keys.sealer(SealPurpose::SignOut, b""),
            outcomes: Arc::default(),
            deployment: Deployment::new(&parts.config),
            replicas: Arc::new(Replicas::new(&*parts.random, parts.clock.now())),
            claims: AttemptClaims {
                store: Arc::clone(parts.sessions.store()),
                keys: Arc::clone(&parts.keys),
                clock: Arc::clone(&parts.clock),
                random: Arc::clone(&parts.random),
                refused: RefusedRecords::default(),
            },
            redemptions: Arc::new(Semaphore::new(MAX_REDEMPTIONS)),
            redirect_uri,
            events: Events::default(),
            missing_refresh_token: MissingRefreshToken::default(),
            provider: parts.verifier.provider().clone(),
            user_flows: parts.user_flows,
            config: parts.config,
            keys: parts.keys,
            sessions: parts.sessions,
            verifier: parts.verifier,
            tokens: parts.tokens,
            credential: parts.credential,
            userinfo,
            transport: parts.transport,
            clock: parts.clock,
            random: parts.random,
            hook: parts.hook,
            sign_out_hook: parts.sign_out_hook,
        }
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The key generations.
    pub const fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// The sessions.
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// The provider.
    pub const fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The verifier.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// What this instance knows about the other replicas.
    pub(crate) fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// Starts to compare keys with the replicas that share the store, in the background.
    pub(crate) fn watch_replicas(&self) {
        let store = self.sessions.store();
        if store.exclusive() {
            return;
        }
        let comparison = ReplicaKeys {
            replicas: Arc::downgrade(&self.replicas),
            store: Arc::clone(store),
            keys: Arc::clone(&self.keys),
            random: Arc::clone(&self.random),
        };
        // Refused when the process is shutting down.
        let _ = self.transport.spawn(comparison.run());
    }

    /// The counters of events.
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// The number of codes that are being redeemed now.
    pub fn redemptions_in_flight(&self) -> usize {
        MAX_REDEMPTIONS.saturating_sub(self.redemptions.available_permits())
    }

    /// HTTP transport to the provider and to downstream APIs.
    pub(crate) const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Whether the provider refuses the application's credential.
    pub(crate) fn credential_is_refused(&self) -> bool {
        self.credential.is_refused()
    }

    /// Source of the present time.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Source of randomness.
    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }
}

/// How many codes may be redeemed at the same time. Further sign-ins wait 2 s, then get 503.
const MAX_REDEMPTIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Bounds;

    #[test]
    fn w10_no_sign_in_that_has_its_place_meets_a_bound_of_the_transport() {
        let bounds = Bounds::default();
        for share in [bounds.token, bounds.userinfo] {
            assert!(share.connections >= MAX_REDEMPTIONS);
            assert!(share.calls >= share.connections);
        }
    }
}
