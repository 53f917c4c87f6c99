//! Puts an instance together from its settings and what the application brings.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::{
    AuthBuilder, StartError, open_keys::open_keys, open_store::open_store,
    open_transport::open_transport,
};
use crate::{
    acquisition::{Acquirer, AcquirerParts},
    client_auth::ClientCredential,
    clock::Clock,
    config::{AllowedTenants, Authority, Config, Problem, REDIRECT_PATH_TAKEN},
    grant::TokenClient,
    graph::GraphClient,
    provider::{Provider, ProviderClock, ProviderPorts, ProviderSettings, SignInRequirements},
    random::Random,
    seal::Keys,
    session::{SessionLimits, Sessions},
    sign_in::{Engine, EngineParts, LastKnownGood, UserFlows},
    store::{HealthCache, Store},
    transport::Transport,
    validation::{Verifier, VerifierSettings},
    web::{
        instance::{Auth, Instance, InstanceConflict, Peer, address_watch::AddressWatch},
        pages::PageAssets,
    },
};

/// Parts without calls to the provider. The others are built on them.
struct Resources {
    config: Arc<Config>,
    keys: Arc<Keys>,
    transport: Transport,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    provider_clock: ProviderClock,
    random: Arc<dyn Random>,
}

/// Parts that call the provider or verify its tokens.
struct Protocol {
    provider: Provider,
    user_flows: UserFlows,
    verifier: Verifier,
    credential: ClientCredential,
    tokens: TokenClient,
}

impl AuthBuilder {
    /// Puts the instance together. Never waits for the provider: it is asked in the background.
    ///
    /// See [`AuthBuilder`] for an example.
    ///
    /// # Errors
    /// Settings that cannot be used together, or files that cannot be read.
    pub fn build(self) -> Result<Auth, StartError> {
        assemble(self)
    }
}

fn assemble(builder: AuthBuilder) -> Result<Auth, StartError> {
    let peers = builder.beside.as_ref().map(Auth::peers);
    let peers = peers.map_or_else(Arc::default, Arc::clone);
    let assets = PageAssets::new(&builder.look)?;
    let config = effective_config(&builder)?;
    peers.refuse_conflict(&builder.name, &config)?;
    let resources = Resources::open(config, &builder)?;
    let protocol = Protocol::new(&resources)?;
    let (acquirer, graph) = (
        acquirer(&resources, &protocol),
        graph(&resources, &protocol),
    );
    start(&resources, &protocol);
    let peer = Arc::new(Peer::new(builder.name, Arc::clone(&resources.config)));
    peers.join(&peer)?;
    let auth = Auth::new(Instance {
        origin: resources.config.base_url.origin(),
        peer,
        head_bounds: builder.head_bounds,
        pages: builder.pages,
        assets,
        peers,
        routes_mounted: AtomicBool::new(false),
        store_health: HealthCache::new(Arc::clone(resources.sessions.store())),
        address_watch: AddressWatch::new(),
        acquirer: Arc::new(acquirer),
        graph,
        engine: Arc::new(Engine::new(EngineParts {
            config: resources.config,
            keys: resources.keys,
            sessions: resources.sessions,
            verifier: protocol.verifier,
            user_flows: protocol.user_flows,
            tokens: protocol.tokens,
            credential: protocol.credential,
            transport: resources.transport,
            clock: resources.clock,
            random: resources.random,
            hook: builder.hook,
            sign_out_hook: builder.sign_out_hook,
        })),
    });
    auth.engine().watch_replicas();
    Ok(auth)
}

/// The settings at the place that the builder names, with the application's own rules.
fn effective_config(builder: &AuthBuilder) -> Result<Config, StartError> {
    let mut config = builder.config.clone();
    if let Some(prefix) = &builder.prefix {
        let moved = config.mounted_at(prefix);
        config = moved.ok_or(InstanceConflict::BadPrefix)?;
    }
    if !builder.name.is_empty() {
        let named = config.named(&builder.name);
        config = named.ok_or(InstanceConflict::BadName)?;
    }
    if let Some(resolver) = &builder.tenants {
        if matches!(config.allowed_tenants, AllowedTenants::Set(_)) {
            let rule = "must be * where the application answers itself (resolve_tenants)";
            return Err(Problem::new("AAD_ALLOWED_TENANTS", rule, "*").into());
        }
        config.allowed_tenants = AllowedTenants::Resolver(Arc::clone(resolver));
    }
    if !config.has_free_redirect_path() {
        return Err(
            Problem::new("AAD_REDIRECT_PATH", REDIRECT_PATH_TAKEN, "/auth/redirect").into(),
        );
    }
    Ok(config)
}

impl Resources {
    fn open(config: Config, builder: &AuthBuilder) -> Result<Self, StartError> {
        let (clock, random) = (Arc::clone(&builder.clock), Arc::clone(&builder.random));
        let keys = Arc::new(open_keys(&config)?);
        let transport = open_transport(&config)?;
        let shared = || shared_store(&config, builder.beside.as_ref());
        let store = match builder.store.clone().or_else(shared) {
            Some(store) => store,
            None => {
                let lock_wait = builder.shutdown_timeout + LOCK_MARGIN;
                open_store(&config, keys.label(), &clock, lock_wait)?
            }
        };
        let provider_clock = ProviderClock::new(Arc::clone(&clock));
        let sessions = Sessions::new(
            store,
            Arc::clone(&keys),
            Arc::clone(&clock),
            Arc::clone(&random),
            SessionLimits {
                idle: config.session_idle,
                max: config.session_max,
                per_user: config.max_sessions_per_user,
            },
        )
        .with_provider_clock(provider_clock.clone());
        Ok(Self {
            config: Arc::new(config),
            keys,
            transport,
            sessions: Arc::new(sessions),
            clock,
            provider_clock,
            random,
        })
    }

    fn provider(&self, authority: &Authority) -> Provider {
        let config = &self.config;
        let settings = ProviderSettings {
            authority: authority.clone(),
            hosts: config.endpoint_hosts.clone(),
            algorithms: config.signing_algorithms,
            app_id: config.app_signing_keys.then(|| config.client_id.clone()),
            requirements: SignInRequirements {
                client_auth: match config.client_auth {
                    Some(_) => Vec::new(),
                    None => SignInRequirements::default().client_auth,
                },
                response_mode: config.response_mode,
                userinfo: config.userinfo,
            },
            patience: config.provider_timeout,
        };
        let ports = ProviderPorts {
            fetch: Arc::new(self.transport.clone()),
            background: Arc::new(self.transport.clone()),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        };
        Provider::with_provider_clock(self.provider_clock.clone(), settings, ports)
    }
}

impl Protocol {
    fn new(resources: &Resources) -> Result<Self, StartError> {
        let config = &resources.config;
        let provider_at = |authority| resources.provider(authority);
        let provider = provider_at(&config.authority);
        let rules = VerifierSettings {
            api_audiences: config.api_audiences.clone(),
            trusted_audiences: config.trusted_audiences.clone(),
            roles_claim: config.roles_claim.clone(),
            leeway: config.clock_leeway,
            cache_bytes: config.token_cache,
            ..VerifierSettings::new(config.client_id.clone(), config.allowed_tenants.clone())
        };
        let verifier = Verifier::new(provider.clone(), Arc::clone(&resources.clock), rules)?;
        let credential =
            ClientCredential::secrets(config.client_secrets.clone(), config.client_auth).map_err(
                |error| Problem::new("AAD_CLIENT_SECRET", error.to_string(), "its Value"),
            )?;
        let transport = resources.transport.clone();
        Ok(Self {
            provider,
            user_flows: UserFlows {
                edit_profile: config.edit_profile.as_ref().map(provider_at),
                password_reset: config.password_reset.as_ref().map(provider_at),
            },
            verifier,
            tokens: TokenClient::new(transport, &config.client_id, credential.clone())
                .with_provider_clock(resources.provider_clock.clone()),
            credential,
        })
    }
}

fn acquirer(resources: &Resources, protocol: &Protocol) -> Acquirer {
    Acquirer::new(AcquirerParts {
        sessions: Arc::clone(&resources.sessions),
        verifier: protocol.verifier.clone(),
        tokens: protocol.tokens.clone(),
        transport: resources.transport.clone(),
        clock: Arc::clone(&resources.clock),
        random: Arc::clone(&resources.random),
        recheck: resources.config.recheck,
        timeout: resources.config.provider_timeout,
        userinfo_roles: resources
            .config
            .userinfo
            .then(|| resources.config.roles_claim.clone()),
    })
}

fn graph(resources: &Resources, protocol: &Protocol) -> GraphClient {
    GraphClient::new(
        resources.transport.clone(),
        protocol.provider.clone(),
        Arc::clone(&resources.random),
        resources.config.graph_url.as_ref(),
    )
}

/// Starts the background tasks, after all settings are checked.
fn start(resources: &Resources, protocol: &Protocol) {
    protocol.provider.start();
    protocol.user_flows.start();
    let kept = LastKnownGood {
        provider: protocol.provider.clone(),
        store: Arc::clone(resources.sessions.store()),
        keys: Arc::clone(&resources.keys),
        random: Arc::clone(&resources.random),
    };
    // A transport that has stopped already belongs to a process that is about to end.
    let _ = resources.transport.spawn(kept.run());
    let watch = Sessions::keep_watch(Arc::downgrade(&resources.sessions));
    let _ = resources.transport.spawn(watch);
}

/// The store of the instance beside this one, where `AAD_SESSION_STORE` names the same: a file has one owner, and each
/// instance's keys carry its label.
fn shared_store(config: &Config, beside: Option<&Auth>) -> Option<Arc<dyn Store>> {
    let other = beside?;
    let own = config.session_store.as_ref()?;
    let theirs = other.config().session_store.as_ref()?;
    own.is_same(theirs)
        .then(|| Arc::clone(other.engine().sessions().store()))
}

/// How much longer than the previous process's shutdown a restart waits for the file.
const LOCK_MARGIN: Duration = Duration::from_secs(5);
