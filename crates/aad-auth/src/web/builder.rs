//! From a configuration to an instance.

use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    Pages,
    mount::{Auth, Instance},
};
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, ConfigError, Problem},
    credential::Credential,
    flow::{Admission, Engine, EngineParts, LastKnownGood, SignInHook},
    grant::TokenClient,
    provider::{Provider, ProviderPorts, ProviderSettings},
    random::{Random, SystemRandom},
    seal::{InstanceLabel, Keys},
    secret::{ExposeSecret, Secret},
    session::{SessionLimits, Sessions, UserSnapshot},
    store::{BadStoreUrl, MemoryStore, Store, StoreUrl},
    transport::{Transport, TransportSettings},
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
}

/// Why an instance cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that are missing or cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
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

    /// Puts the instance together. Never waits for the provider: it is asked in the background.
    ///
    /// # Errors
    /// Settings that cannot be used together, or files that cannot be read.
    pub fn build(self) -> Result<Auth, StartError> {
        let config = Arc::new(self.config);
        let keys = Arc::new(keys(&config)?);
        let transport = transport(&config)?;
        let store = match self.store {
            Some(store) => store,
            None => open_store(&config, keys.label(), &self.clock)?,
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
        let provider = provider(&config, &transport, &self.clock, &self.random);
        let verifier = Verifier::new(provider.clone(), Arc::clone(&self.clock), rules(&config))?;
        let credential = Credential::secrets(config.client_secrets.clone(), config.client_auth)
            .map_err(|error| Problem::new("AAD_CLIENT_SECRET", error.to_string(), "its Value"))?;
        let tokens = TokenClient::new(transport.clone(), &config.client_id, credential.clone());
        provider.start();
        let kept = LastKnownGood {
            provider,
            store: Arc::clone(sessions.store()),
            keys: Arc::clone(&keys),
            random: Arc::clone(&self.random),
        };
        // A transport that has stopped already belongs to a process that is about to end.
        let _ = transport.spawn(kept.run());
        Ok(Auth::new(Instance {
            origin: config.base_url.origin(),
            pages: self.pages,
            engine: Arc::new(Engine::new(EngineParts {
                config,
                keys,
                sessions,
                verifier,
                tokens,
                credential,
                transport,
                clock: self.clock,
                random: self.random,
                hook: self.hook,
            })),
        }))
    }
}

fn rules(config: &Config) -> VerifierSettings {
    VerifierSettings {
        api_audiences: config.api_audiences.clone(),
        leeway: config.clock_leeway,
        ..VerifierSettings::new(config.client_id.clone(), config.allowed_tenants.clone())
    }
}

fn provider(
    config: &Config,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Provider {
    let settings = ProviderSettings {
        authority: config.authority.clone(),
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

fn transport(config: &Config) -> Result<Transport, StartError> {
    let mut settings = TransportSettings::default().timeout(config.provider_timeout);
    if let Some(pem) = read_roots(config)? {
        settings = settings.ca_pem(pem);
    }
    Ok(Transport::new(settings).map_err(|error| roots_problem(error.to_string()))?)
}

/// The further trusted roots of `AAD_CA_FILE`.
fn read_roots(config: &Config) -> Result<Option<Vec<u8>>, Problem> {
    let Some(path) = &config.ca_file else {
        return Ok(None);
    };
    fs::read(path).map(Some).map_err(|error| {
        roots_problem(format!(
            "names a file that cannot be read ({})",
            error.kind()
        ))
    })
}

fn roots_problem(rule: String) -> Problem {
    Problem::new("AAD_CA_FILE", rule, "/etc/ssl/our-ca.pem")
}

/// The key generations: from `AAD_SESSION_SECRET`, or for a loopback base URL from a secret that
/// is generated once and kept in the state folder.
fn keys(config: &Config) -> Result<Keys, StartError> {
    let generated;
    let secrets = if config.session_secrets.is_empty() {
        generated = [super::generated_secret::load(&state_dir(config)?)?];
        &generated[..]
    } else {
        &config.session_secrets
    };
    let secrets: Vec<_> = secrets.iter().map(Secret::expose_secret).collect();
    let label = InstanceLabel::new(
        &config.authority.id(),
        &config.client_id,
        &config.route_prefix,
    );
    let missing = || {
        Problem::new(
            "AAD_SESSION_SECRET",
            "must not be empty",
            "base64 of 64 bytes",
        )
    };
    Ok(Keys::new(&secrets, label).ok_or_else(missing)?)
}

fn state_dir(config: &Config) -> Result<PathBuf, Problem> {
    config.state_dir.clone().ok_or_else(|| {
        Problem::new(
            "AAD_STATE_DIR",
            "must name a folder for sessions and keys: neither XDG_STATE_HOME nor HOME is set",
            "/var/lib/my-app",
        )
    })
}

/// The store that `AAD_SESSION_STORE` names; by default a file in the state folder, one for each
/// instance, so that two applications of one user do not lock each other out.
fn open_store(
    config: &Config,
    label: InstanceLabel,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Store>, StartError> {
    let location = match &config.session_store {
        Some(value) => value
            .expose_secret()
            .parse()
            .map_err(|error: BadStoreUrl| {
                Problem::new(
                    "AAD_SESSION_STORE",
                    error.to_string(),
                    "redis://127.0.0.1:6379/0",
                )
            })?,
        None => {
            let folder = state_dir(config)?;
            super::generated_secret::create_folder(&folder)?;
            let name: String = label.as_bytes()[..4]
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            StoreUrl::File(folder.join(format!("sessions-{name}.redb")))
        }
    };
    match location {
        StoreUrl::Memory => Ok(Arc::new(MemoryStore::new(Arc::clone(clock)))),
        StoreUrl::File(path) => open_file(&path, clock),
        StoreUrl::Redis(url) => open_redis(url, config, clock),
    }
}

#[cfg(feature = "file")]
fn open_file(path: &Path, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    let options = crate::store::FileOptions::new(path).clock(Arc::clone(clock));
    let store = crate::store::FileStore::open(options).map_err(|error| {
        let rule = format!(
            "the session file {} cannot be opened ({error})",
            path.display()
        );
        Problem::new(
            "AAD_SESSION_STORE",
            rule,
            "file:/var/lib/my-app/sessions.redb",
        )
    })?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "file"))]
fn open_file(_: &Path, _: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    Err(without("file"))
}

#[cfg(feature = "redis")]
fn open_redis(
    url: Secret,
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Store>, StartError> {
    let mut options = crate::store::RedisOptions::new(url).clock(Arc::clone(clock));
    if let Some(pem) = read_roots(config)? {
        options = options.trusted_roots(pem);
    }
    let store = crate::store::RedisStore::open(&options).map_err(|error| {
        Problem::new(
            "AAD_SESSION_STORE",
            error.to_string(),
            "redis://127.0.0.1:6379/0",
        )
    })?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "redis"))]
fn open_redis(_: Secret, _: &Config, _: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    Err(without("redis"))
}

#[cfg(not(all(feature = "file", feature = "redis")))]
fn without(feature: &str) -> StartError {
    let rule =
        format!("asks for a store that this build does not have: build with the feature {feature}");
    Problem::new("AAD_SESSION_STORE", rule, "memory").into()
}
