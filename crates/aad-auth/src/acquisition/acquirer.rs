//! Access tokens of a session for the API that its sign-in requested.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    AcquireError,
    failed_rechecks::FailedRechecks,
    recheck_schedule::RecheckSchedule,
    refresh_pauses::RefreshPauses,
    renewal_key::{RenewalKey, RenewalOutcome},
};
use crate::{
    clock::Clock,
    config::RolesClaim,
    grant::{TokenClient, UserinfoClient},
    observe::ByCode,
    provider::TokenSource,
    random::Random,
    session::{Session, Sessions, Vault, Vaulted},
    sync::SingleFlight,
    transport::{CallPurpose, Transport},
    validation::{ProviderKind, Verifier},
};

/// Hands out and refreshes access tokens of sessions, and rechecks active users. All workers share it.
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
    pub(super) renewals: Arc<SingleFlight<RenewalKey, RenewalOutcome>>,
    pub(super) pauses: RefreshPauses,
    pub(super) schedule: RecheckSchedule,
    pub(super) rechecks: Arc<Semaphore>,
    pub(super) failed_rechecks: FailedRechecks,
    pub(super) refreshes: ByCode,
}

/// The dependencies of an [`Acquirer`].
pub struct AcquirerParts {
    /// Sessions and their token vault.
    pub sessions: Arc<Sessions>,
    /// Verifies ID tokens; holds the provider.
    pub verifier: Verifier,
    /// Client of the token endpoint.
    pub tokens: TokenClient,
    /// HTTP transport, which runs on the provider thread.
    pub transport: Transport,
    /// Source of the present time.
    pub clock: Arc<dyn Clock>,
    /// Source of jitter.
    pub random: Arc<dyn Random>,
    /// Interval between two rechecks of a user (`AAD_RECHECK`).
    pub recheck: Duration,
    /// Timeout of one call to the provider (`AAD_PROVIDER_TIMEOUT`).
    pub timeout: Duration,
    /// The claims that hold roles (`AAD_ROLES_CLAIM`), with `AAD_USERINFO`: each refresh then calls the
    /// userinfo endpoint. `None` without `AAD_USERINFO`.
    pub userinfo_roles: Option<RolesClaim>,
}

impl Acquirer {
    /// An acquirer of these parts.
    pub fn new(parts: AcquirerParts) -> Self {
        // Timeouts that one renewal can take: metadata, two for the refresh (it may be sent with two
        // methods of client authentication), the keys of its ID token, userinfo.
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
            // Plus the minimum interval between two fetches of keys.
            lease: parts.timeout * calls + TokenSource::Redeemed.interval(),
            userinfo,
            renewals: Arc::default(),
            pauses: RefreshPauses::default(),
            schedule: RecheckSchedule::default(),
            rechecks: Arc::new(Semaphore::new(MAX_RECHECKS)),
            failed_rechecks: FailedRechecks::default(),
            refreshes: ByCode::default(),
        }
    }

    /// The tokens of a session, with an access token that has not expired.
    ///
    /// Shortly before the token expires, a request starts a refresh in the background and does not
    /// wait for it. After it has expired, all requests of the session wait for one refresh.
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
        if now + TRANSIT_TIME < held.tokens.expires_at {
            self.renew_in_background(session, &held);
            return Ok(Arc::new(held));
        }
        self.renew(session, held.version).await
    }

    /// Tokens to replace `rejected`, whose access token an API refused before it expired. `None` when
    /// `rejected` is younger than 60 s: a fresh token would be refused too.
    ///
    /// # Errors
    /// An [`AcquireError`].
    pub async fn other_tokens(
        self: &Arc<Self>,
        session: &Arc<Session>,
        rejected: &Vaulted,
    ) -> Result<Option<Arc<Vaulted>>, AcquireError> {
        if self.clock.now().since(rejected.obtained_at) < MIN_AGE_TO_REPLACE {
            return Ok(None);
        }
        self.renew(session, rejected.version).await.map(Some)
    }

    /// The number of refreshes since the start, by outcome: `renewed` (by this or another instance), or
    /// the [`AcquireError::outcome`].
    pub fn refreshes(&self) -> BTreeMap<&'static str, u64> {
        self.refreshes.counts()
    }

    pub(super) fn vault(&self) -> &Vault {
        self.sessions.vault()
    }
}

/// A token with less time left could expire before the API has received it.
const TRANSIT_TIME: Duration = Duration::from_secs(10);
/// Younger tokens are not replaced when an API refuses them: the cause is another one.
const MIN_AGE_TO_REPLACE: Duration = Duration::from_secs(60);
/// How many rechecks may run at the same time. Beyond it, a session's next request tries again.
const MAX_RECHECKS: usize = 32;
