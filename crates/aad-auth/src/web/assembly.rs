//! Puts an instance together from its settings and what the application brings.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::{
    InstanceConflict,
    address_watch::AddressWatch,
    builder::{AuthBuilder, StartError},
    mount::{Auth, Instance},
    open_keys::open_keys,
    open_store::open_store,
    open_transport::open_transport,
};
use crate::{
    acquisition::{Acquirer, AcquirerParts},
    client_auth::ClientCredential,
    clock::Clock,
    config::{AllowedTenants, Authority, Config, Problem, TAKEN},
    grant::TokenClient,
    graph::GraphClient,
    provider::{Needs, Provider, ProviderClock, ProviderPorts, ProviderSettings},
    random::Random,
    seal::Keys,
    session::{SessionLimits, Sessions},
    sign_in::{Engine, EngineParts, LastKnownGood, UserFlows},
    store::{HealthCache, Store},
    transport::Transport,
    validation::{Verifier, VerifierSettings},
};

/// What the other parts of an instance stand on.
struct Ground {
    config: Arc<Config>,
    keys: Arc<Keys>,
    transport: Transport,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    provider_clock: ProviderClock,
    random: Arc<dyn Random>,
}

/// Whom the instance asks, and who judges the answers.
struct Parties {
    provider: Provider,
    user_flows: UserFlows,
    verifier: Verifier,
    credential: ClientCredential,
    tokens: TokenClient,
}

pub(super) fn assemble(builder: AuthBuilder) -> Result<Auth, StartError> {
    let peers = builder.beside.as_ref().map(Auth::peers);
    let peers = peers.map_or_else(Arc::default, Arc::clone);
    let config = settle(&builder)?;
    peers.refuse_conflict(&builder.name, &config)?;
    let ground = Ground::lay(config, &builder)?;
    let parties = Parties::gather(&ground)?;
    let (acquirer, graph) = (acquirer(&ground, &parties), graph(&ground, &parties));
    start(&ground, &parties);
    let auth = Auth::new(Instance {
        origin: ground.config.base_url.origin(),
        name: builder.name,
        head_bounds: builder.head_bounds,
        pages: builder.pages,
        peers,
        routes_mounted: AtomicBool::new(false),
        store_health: HealthCache::new(Arc::clone(ground.sessions.store())),
        address_watch: AddressWatch::new(),
        acquirer: Arc::new(acquirer),
        graph,
        engine: Arc::new(Engine::new(EngineParts {
            config: ground.config,
            keys: ground.keys,
            sessions: ground.sessions,
            verifier: parties.verifier,
            user_flows: parties.user_flows,
            tokens: parties.tokens,
            credential: parties.credential,
            transport: ground.transport,
            clock: ground.clock,
            random: ground.random,
            hook: builder.hook,
            sign_out_hook: builder.sign_out_hook,
        })),
    });
    auth.peers().join(&auth)?;
    auth.engine().watch_replicas();
    Ok(auth)
}

/// The settings at the place that the builder names, with the application's own rules.
fn settle(builder: &AuthBuilder) -> Result<Config, StartError> {
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
        return Err(Problem::new("AAD_REDIRECT_PATH", TAKEN, "/auth/redirect").into());
    }
    Ok(config)
}

impl Ground {
    fn lay(config: Config, builder: &AuthBuilder) -> Result<Self, StartError> {
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
            needs: Needs {
                client_auth: match config.client_auth {
                    Some(_) => Vec::new(),
                    None => Needs::default().client_auth,
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

impl Parties {
    fn gather(ground: &Ground) -> Result<Self, StartError> {
        let config = &ground.config;
        let provider_at = |authority| ground.provider(authority);
        let provider = provider_at(&config.authority);
        let rules = VerifierSettings {
            api_audiences: config.api_audiences.clone(),
            trusted_audiences: config.trusted_audiences.clone(),
            roles_claim: config.roles_claim.clone(),
            leeway: config.clock_leeway,
            cache_bytes: config.token_cache,
            ..VerifierSettings::new(config.client_id.clone(), config.allowed_tenants.clone())
        };
        let verifier = Verifier::new(provider.clone(), Arc::clone(&ground.clock), rules)?;
        let credential =
            ClientCredential::secrets(config.client_secrets.clone(), config.client_auth).map_err(
                |error| Problem::new("AAD_CLIENT_SECRET", error.to_string(), "its Value"),
            )?;
        let transport = ground.transport.clone();
        Ok(Self {
            provider,
            user_flows: UserFlows {
                edit_profile: config.edit_profile.as_ref().map(provider_at),
                password_reset: config.password_reset.as_ref().map(provider_at),
            },
            verifier,
            tokens: TokenClient::new(transport, &config.client_id, credential.clone())
                .with_provider_clock(ground.provider_clock.clone()),
            credential,
        })
    }
}

fn acquirer(ground: &Ground, parties: &Parties) -> Acquirer {
    Acquirer::new(AcquirerParts {
        sessions: Arc::clone(&ground.sessions),
        verifier: parties.verifier.clone(),
        tokens: parties.tokens.clone(),
        transport: ground.transport.clone(),
        clock: Arc::clone(&ground.clock),
        random: Arc::clone(&ground.random),
        recheck: ground.config.recheck,
        timeout: ground.config.provider_timeout,
        userinfo_roles: ground
            .config
            .userinfo
            .then(|| ground.config.roles_claim.clone()),
    })
}

fn graph(ground: &Ground, parties: &Parties) -> GraphClient {
    GraphClient::new(
        ground.transport.clone(),
        parties.provider.clone(),
        Arc::clone(&ground.random),
        ground.config.graph_url.as_ref(),
    )
}

/// Starts what runs in the background, once nothing is left that settings could be wrong for.
fn start(ground: &Ground, parties: &Parties) {
    parties.provider.start();
    parties.user_flows.start();
    let kept = LastKnownGood {
        provider: parties.provider.clone(),
        store: Arc::clone(ground.sessions.store()),
        keys: Arc::clone(&ground.keys),
        random: Arc::clone(&ground.random),
    };
    // A transport that has stopped already belongs to a process that is about to end.
    let _ = ground.transport.spawn(kept.run());
    let watch = Sessions::keep_watch(Arc::downgrade(&ground.sessions));
    let _ = ground.transport.spawn(watch);
}

/// The neighbour's store, where `AAD_SESSION_STORE` names the same: a file has one owner, and each
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
