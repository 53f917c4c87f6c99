//! From a configuration to an instance.

use std::{
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::{
    InstanceConflict, Pages,
    mount::{Auth, Instance},
    open_keys::open_keys,
    open_store::open_store,
    open_transport::open_transport,
};
use crate::{
    acquisition::{Acquirer, AcquirerParts},
    clock::{Clock, SystemClock},
    config::{AllowedTenants, Authority, Config, ConfigError, Problem, TenantResolver},
    credential::Credential,
    flow::{Admission, Engine, EngineParts, LastKnownGood, SignInHook, SignOutHook, UserFlows},
    grant::TokenClient,
    provider::{GraphClient, Provider, ProviderPorts, ProviderSettings},
    random::{Random, SystemRandom},
    secret::ExposeSecret,
    session::{SessionLimits, Sessions, UserSnapshot},
    store::Store,
    transport::Transport,
    validation::{Verifier, VerifierSettings},
};

/// Builds an [`Auth`]. Everything has a default that is right for production.
pub struct AuthBuilder {
    config: Config,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    store: Option<Arc<dyn Store>>,
    pages: Option<Arc<dyn Pages>>,
    hook: Option<SignInHook>,
    sign_out_hook: Option<SignOutHook>,
    name: String,
    prefix: Option<String>,
    beside: Option<Auth>,
    shutdown_timeout: Duration,
    tenants: Option<Arc<dyn TenantResolver>>,
}

/// Why an instance cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that are missing or cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A name or prefix that cannot be used beside the other instances of the application.
    #[error(transparent)]
    Instance(#[from] InstanceConflict),
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Config(ConfigError {
            problems: vec![problem],
        })
    }
}

impl AuthBuilder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            store: None,
            pages: None,
            hook: None,
            sign_out_hook: None,
            name: String::new(),
            prefix: None,
            beside: None,
            shutdown_timeout: Duration::from_secs(30),
            tenants: None,
        }
    }

    /// Reads the time elsewhere.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Draws random numbers elsewhere.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Keeps sessions in a store of the application's, instead of `AAD_SESSION_STORE`.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// How long an orderly shutdown of the process may take: `HttpServer::shutdown_timeout`, and
    /// what comes before it; default 30 s, like Actix's. A restart that overlaps waits so long, and
    /// 5 s more, until the previous process lets go of the store's file.
    #[must_use]
    pub const fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Shows the crate's pages in the application's look.
    #[must_use]
    pub fn pages(mut self, pages: impl Pages) -> Self {
        self.pages = Some(Arc::new(pages));
        self
    }

    /// Asks the application about each sign-in, after the tokens are verified and before there is
    /// a session. The hook may take its time: only the browser waits.
    #[must_use]
    pub fn on_sign_in<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Rc<UserSnapshot>) -> A + Send + Sync + 'static,
        A: Future<Output = Admission> + 'static,
    {
        self.hook = Some(Arc::new(move |user| Box::pin(hook(user))));
        self
    }

    /// Tells the application that somebody has signed out here, after their session has ended. The
    /// browser does not wait for it. Sessions that end in other ways (their limits, the end of all
    /// sessions, a sign-out at the provider) are not told: what must not outlive a session belongs
    /// into data that does not either.
    #[must_use]
    pub fn on_sign_out<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Rc<UserSnapshot>) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + 'static,
    {
        self.sign_out_hook = Some(Arc::new(move |user| Box::pin(hook(user))));
        self
    }

    /// The name of a further instance in one application, the `NAME` of its
    /// [`InstanceName`](super::InstanceName): 1 to 32 lower-case letters, digits and hyphens. It is
    /// part of the names of its cookies.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Mounts the routes elsewhere than `AAD_ROUTE_PREFIX` says. A redirect path below the old
    /// prefix moves along.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Another instance of the same application. One is enough when there are several: whoever
    /// stands beside one stands beside all of them. [`build`](Self::build) then refuses whatever
    /// the two would share by mistake; without this line, requests that pass both middlewares are
    /// answered 500, so that it cannot be forgotten.
    #[must_use]
    pub fn beside(mut self, other: &Auth) -> Self {
        self.beside = Some(other.clone());
        self
    }

    /// Asks the application whether a tenant's users may sign in and call, for example in its table
    /// of customers: at each sign-in and each bearer request, after the token is verified. It
    /// takes the place of a list in `AAD_ALLOWED_TENANTS`, which is then `*`. With an authority of
    /// a single tenant it is not asked.
    #[must_use]
    pub fn resolve_tenants(mut self, resolver: impl TenantResolver) -> Self {
        self.tenants = Some(Arc::new(resolver));
        self
    }

    /// Puts the instance together. Never waits for the provider: it is asked in the background.
    ///
    /// # Errors
    /// Settings that cannot be used together, or files that cannot be read.
    pub fn build(self) -> Result<Auth, StartError> {
        let mut config = placed(self.config, &self.name, self.prefix.as_deref())?;
        if let Some(resolver) = self.tenants {
            config.allowed_tenants = resolved(&config, resolver)?;
        }
        let neighbours = self.beside.as_ref().map(Auth::neighbours);
        let neighbours = neighbours.map_or_else(Arc::default, Arc::clone);
        neighbours.refuse_conflict(&self.name, &config)?;
        let config = Arc::new(config);
        let keys = Arc::new(open_keys(&config)?);
        let transport = open_transport(&config)?;
        let shared = || shared_store(&config, self.beside.as_ref());
        let store = match self.store.or_else(shared) {
            Some(store) => store,
            None => {
                let lock_wait = self.shutdown_timeout + LOCK_MARGIN;
                open_store(&config, keys.label(), &self.clock, lock_wait)?
            }
        };
        let sessions = Arc::new(Sessions::new(
            store,
            Arc::clone(&keys),
            Arc::clone(&self.clock),
            Arc::clone(&self.random),
            SessionLimits {
                idle: config.session_idle,
                max: config.session_max,
                per_user: config.max_sessions_per_user,
            },
        ));
        let provider_at = |authority: &Authority| {
            provider(&config, authority, &transport, &self.clock, &self.random)
        };
        let provider = provider_at(&config.authority);
        let user_flows = UserFlows {
            edit_profile: config.edit_profile.as_ref().map(provider_at),
            password_reset: config.password_reset.as_ref().map(provider_at),
        };
        let verifier = Verifier::new(provider.clone(), Arc::clone(&self.clock), rules(&config))?;
        let credential = Credential::secrets(config.client_secrets.clone(), config.client_auth)
            .map_err(|error| Problem::new("AAD_CLIENT_SECRET", error.to_string(), "its Value"))?;
        let tokens = TokenClient::new(transport.clone(), &config.client_id, credential.clone());
        let acquirer = Acquirer::new(AcquirerParts {
            sessions: Arc::clone(&sessions),
            verifier: verifier.clone(),
            tokens: tokens.clone(),
            transport: transport.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            recheck: config.recheck,
            timeout: config.provider_timeout,
        });
        let graph = GraphClient::new(
            transport.clone(),
            provider.clone(),
            Arc::clone(&self.random),
            config.graph_url.as_ref(),
        );
        provider.start();
        user_flows.start();
        let kept = LastKnownGood {
            provider,
            store: Arc::clone(sessions.store()),
            keys: Arc::clone(&keys),
            random: Arc::clone(&self.random),
        };
        // A transport that has stopped already belongs to a process that is about to end.
        let _ = transport.spawn(kept.run());
        let _ = transport.spawn(Sessions::keep_watch(Arc::downgrade(&sessions)));
        let auth = Auth::new(Instance {
            origin: config.base_url.origin(),
            name: self.name,
            pages: self.pages,
            neighbours,
            routes_mounted: AtomicBool::new(false),
            acquirer: Arc::new(acquirer),
            graph,
            engine: Arc::new(Engine::new(EngineParts {
                config,
                keys,
                sessions,
                verifier,
                user_flows,
                tokens,
                credential,
                transport,
                clock: self.clock,
                random: self.random,
                hook: self.hook,
                sign_out_hook: self.sign_out_hook,
            })),
        });
        auth.neighbours().join(&auth)?;
        auth.engine().watch_fleet();
        Ok(auth)
    }
}

/// The settings at the place that the builder names.
fn placed(
    mut config: Config,
    name: &str,
    prefix: Option<&str>,
) -> Result<Config, InstanceConflict> {
    if let Some(prefix) = prefix {
        let moved = config.mounted_at(prefix);
        config = moved.ok_or(InstanceConflict::BadPrefix)?;
    }
    if !name.is_empty() {
        config = config.named(name).ok_or(InstanceConflict::BadName)?;
    }
    Ok(config)
}

/// The neighbour's store, where `AAD_SESSION_STORE` names the same: a file has one owner, and each
/// instance's keys carry its label.
fn shared_store(config: &Config, beside: Option<&Auth>) -> Option<Arc<dyn Store>> {
    let other = beside?;
    let own = config.session_store.as_ref()?.expose_secret();
    let theirs = other.config().session_store.as_ref()?.expose_secret();
    (own == theirs).then(|| Arc::clone(other.engine().sessions().store()))
}

fn resolved(config: &Config, resolver: Arc<dyn TenantResolver>) -> Result<AllowedTenants, Problem> {
    if matches!(config.allowed_tenants, AllowedTenants::Set(_)) {
        let rule = "must be * where the application answers itself (resolve_tenants)";
        return Err(Problem::new("AAD_ALLOWED_TENANTS", rule, "*"));
    }
    Ok(AllowedTenants::Resolver(resolver))
}

fn rules(config: &Config) -> VerifierSettings {
    VerifierSettings {
        api_audiences: config.api_audiences.clone(),
        leeway: config.clock_leeway,
        cache_bytes: config.token_cache,
        ..VerifierSettings::new(config.client_id.clone(), config.allowed_tenants.clone())
    }
}

fn provider(
    config: &Config,
    authority: &Authority,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Provider {
    let settings = ProviderSettings {
        authority: authority.clone(),
        hosts: config.endpoint_hosts.clone(),
        algorithms: config.signing_algorithms,
        app_id: config.app_signing_keys.then(|| config.client_id.clone()),
    };
    let ports = ProviderPorts {
        fetch: Arc::new(transport.clone()),
        background: Arc::new(transport.clone()),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
    };
    Provider::new(settings, ports)
}

/// How much longer than the previous process's shutdown a restart waits for the file.
const LOCK_MARGIN: Duration = Duration::from_secs(5);
