//! Tokens of a session for the API that its sign-in asked for.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    AcquireError, failed_rechecks::FailedRechecks, flights::Flights, pauses::Pauses,
    recheck::Schedule,
};
use crate::{
    clock::Clock,
    config::RolesClaim,
    grant::{TokenClient, UserinfoClient},
    observe::ByCode,
    provider::TokenSource,
    random::Random,
    session::{Session, Sessions, Vault, Vaulted},
    transport::{CallPurpose, Transport},
    validation::{ProviderKind, Verifier},
};

/// Hands out access tokens of sessions, refreshes them, and rechecks active users. Shared by all
/// workers.
pub struct Acquirer {
    pub(super) sessions: Arc<Sessions>,
    pub(super) verifier: Verifier,
    pub(super) tokens: TokenClient,
    pub(super) transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) recheck: Duration,
    pub(super) lease: Duration,
    pub(super) userinfo: Option<UserinfoClient>,
    pub(super) flights: Arc<Flights>,
    pub(super) pauses: Pauses,
    pub(super) schedule: Schedule,
    pub(super) rechecks: Arc<Semaphore>,
    pub(super) failed_rechecks: FailedRechecks,
    pub(super) refreshes: ByCode,
}

/// What an [`Acquirer`] works with.
pub struct AcquirerParts {
    /// The sessions, with their vault.
    pub sessions: Arc<Sessions>,
    /// The tokens' verifier, and with it the provider.
    pub verifier: Verifier,
    /// Asks for tokens.
    pub tokens: TokenClient,
    /// The provider thread.
    pub transport: Transport,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// `AAD_RECHECK`
    pub recheck: Duration,
    /// `AAD_PROVIDER_TIMEOUT`
    pub timeout: Duration,
    /// With `AAD_USERINFO` the claims that hold roles (`AAD_ROLES_CLAIM`): a refresh asks the userinfo
    /// endpoint again.
    pub userinfo_roles: Option<RolesClaim>,
}

impl Acquirer {
    /// Puts the parts together.
    pub fn new(parts: AcquirerParts) -> Self {
        // Calls to the provider, each within the timeout: metadata, the refresh, which may be sent in
        // several ways and takes up to twice as long, the keys of its ID token, userinfo.
        let calls = if parts.userinfo_roles.is_some() { 5 } else { 4 };
        let provider = ProviderKind::from(parts.verifier.provider().settings().authority.kind());
        let transport = &parts.transport;
        let userinfo = parts.userinfo_roles.map(|roles| {
            UserinfoClient::new(transport.clone(), CallPurpose::Refresh, roles, provider)
        });
        Self {
            sessions: parts.sessions,
            verifier: parts.verifier,
            tokens: parts.tokens,
            transport: parts.transport,
            clock: parts.clock,
            random: parts.random,
            recheck: parts.recheck,
            // With the pause between two fetches of keys.
            lease: parts.timeout * calls + TokenSource::Redeemed.interval(),
            userinfo,
            flights: Arc::default(),
            pauses: Pauses::default(),
            schedule: Schedule::default(),
            rechecks: Arc::new(Semaphore::new(MAX_RECHECKS)),
            failed_rechecks: FailedRechecks::default(),
            refreshes: ByCode::default(),
        }
    }

    /// The tokens of a session, with an access token that has not run out. Shortly before its end
    /// it is refreshed in the background, so that nobody waits, and nobody notices when that fails;
    /// after its end everybody waits for one and the same refresh.
    ///
    /// # Errors
    /// An [`AcquireError`].
    pub async fn tokens(
        self: &Arc<Self>,
        session: &Arc<Session>,
    ) -> Result<Arc<Vaulted>, AcquireError> {
        let held = self.vault().get(session).await?;
        let held = held.ok_or(AcquireError::InteractionRequired(None))?;
        if held.tokens.access_token.is_none() {
            return Err(AcquireError::NoAccessToken);
        }
        let now = self.clock.now();
        if now < held.refresh_at {
            return Ok(Arc::new(held));
        }
        if now + ON_THE_WAY < held.tokens.expires_at {
            self.renew_in_background(session, &held);
            return Ok(Arc::new(held));
        }
        self.renew(session, held.version).await
    }

    /// Other tokens than `rejected`, whose access token an API has refused although it has not run
    /// out. `None` when they are so new that others would be refused as well.
    ///
    /// # Errors
    /// An [`AcquireError`].
    pub async fn other_tokens(
        self: &Arc<Self>,
        session: &Arc<Session>,
        rejected: &Vaulted,
    ) -> Result<Option<Arc<Vaulted>>, AcquireError> {
        if self.clock.now().since(rejected.obtained_at) < NEW {
            return Ok(None);
        }
        self.renew(session, rejected.version).await.map(Some)
    }

    /// How many refreshes there were since the start, by outcome: `renewed` (also by another instance),
    /// or the [`AcquireError::outcome`].
    pub fn refreshes(&self) -> BTreeMap<&'static str, u64> {
        self.refreshes.counts()
    }

    pub(super) fn vault(&self) -> &Vault {
        self.sessions.vault()
    }
}

/// A token with less left than this would run out before it has arrived.
const ON_THE_WAY: Duration = Duration::from_secs(10);
/// Tokens of this age are not exchanged because an API refuses them: something else is wrong.
const NEW: Duration = Duration::from_secs(60);
/// How many users may be rechecked at the same moment; the others' turn comes with their next
/// request.
const MAX_RECHECKS: usize = 32;
