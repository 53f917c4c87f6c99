//! What sign-in and sign-out work with. Shared by all workers of one instance.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    AttemptSealer, UserFlows,
    attempt_claim::{AttemptClaims, RefusedRecords},
    deployment::Deployment,
    hook::{SignInHook, SignOutHook},
    missing_refresh_token::MissingRefreshToken,
    outcomes::Outcomes,
    replicas::{KeyWatch, Replicas},
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

/// Signs users in and out.
pub struct Engine {
    pub(super) config: Arc<Config>,
    pub(super) keys: Arc<Keys>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) provider: Provider,
    pub(super) user_flows: UserFlows,
    pub(super) verifier: Verifier,
    pub(super) tokens: TokenClient,
    pub(super) userinfo: UserinfoClient,
    credential: ClientCredential,
    pub(super) transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) hook: Option<SignInHook>,
    pub(super) sign_out_hook: Option<SignOutHook>,
    pub(super) attempts: AttemptSealer,
    pub(super) sign_outs: Sealer,
    pub(super) outcomes: Arc<Outcomes>,
    pub(super) claims: AttemptClaims,
    pub(super) fleet: Arc<Replicas>,
    pub(super) deployment: Deployment,
    pub(super) redemptions: Arc<Semaphore>,
    pub(super) redirect_uri: String,
    pub(super) events: Events,
    pub(super) missing_refresh_token: MissingRefreshToken,
}

/// The parts that an engine is made of.
pub struct EngineParts {
    /// The configuration.
    pub config: Arc<Config>,
    /// The key generations.
    pub keys: Arc<Keys>,
    /// The sessions.
    pub sessions: Arc<Sessions>,
    /// The tokens' verifier, and with it the provider.
    pub verifier: Verifier,
    /// Where the further user flows are.
    pub user_flows: UserFlows,
    /// Asks for tokens.
    pub tokens: TokenClient,
    /// The application's credential.
    pub credential: ClientCredential,
    /// The way to the provider.
    pub transport: Transport,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The application's word.
    pub hook: Option<SignInHook>,
    /// Tells the application of a sign-out.
    pub sign_out_hook: Option<SignOutHook>,
}

impl Engine {
    /// Puts the parts together.
    pub fn new(parts: EngineParts) -> Self {
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
            fleet: Arc::new(Replicas::new(&*parts.random, parts.clock.now())),
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
            userinfo,
            credential: parts.credential,
            transport: parts.transport,
            clock: parts.clock,
            random: parts.random,
            hook: parts.hook,
            sign_out_hook: parts.sign_out_hook,
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The key generations: for data of the application that is to be sealed like ours.
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

    /// What is known of the other instances of the application.
    pub fn fleet(&self) -> &Replicas {
        &self.fleet
    }

    /// Compares keys with the instances that share the store, from now on and in the background.
    pub fn watch_replicas(&self) {
        let store = self.sessions.store();
        if store.exclusive() {
            return;
        }
        let watch = KeyWatch {
            fleet: Arc::downgrade(&self.fleet),
            store: Arc::clone(store),
            keys: Arc::clone(&self.keys),
            random: Arc::clone(&self.random),
        };
        // A transport that has stopped already belongs to a process that is about to end.
        let _ = self.transport.spawn(watch.run());
    }

    /// What has happened so far, counted.
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// How many codes are being redeemed at this moment.
    pub fn redemptions_in_flight(&self) -> usize {
        MAX_REDEMPTIONS.saturating_sub(self.redemptions.available_permits())
    }

    /// The way to the provider and to downstream APIs.
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Whether the provider refuses the application's credential.
    pub fn credential_is_refused(&self) -> bool {
        self.credential.is_refused()
    }

    /// The time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }
}

/// How many codes may be redeemed at the same moment; more get 503 and come again.
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
