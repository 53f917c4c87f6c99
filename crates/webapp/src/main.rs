//! The web application's program: settings, listeners, start and stop.

use std::{
    io::{self, Write},
    net::TcpListener,
    process::ExitCode,
    time::Duration,
};

use aad_auth::{
    Auth,
    config::{self, Config, ConfigError, Source},
    store::StoreError,
};
use clap::Parser;
use url::Url;
use webapp::{
    app::{Parts, SHUTDOWN_TIMEOUT, app},
    assets::Assets,
    dotenv,
    health::Lifecycle,
    listen::{self, StopSignal},
    metrics::MetricsAccess,
    server::{self, Limits, Options, descriptors},
    settings::{self, Settings},
    telemetry,
};

/// Signs users in with Microsoft Entra ID or any OpenID provider. Settings are environment
/// variables; see .env.example.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Check the settings, say what is wrong with them, and stop.
    #[arg(long)]
    check_config: bool,
    /// Start the local emulator when nothing is configured. A debug build does so by itself.
    #[cfg(feature = "emulator")]
    #[arg(long)]
    emulator: bool,
}

type AnyError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Also when nothing is logged: whoever started the program must see it.
            drop(writeln!(io::stderr(), "webapp: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), AnyError> {
    let descriptors = descriptors::raise_limit();
    // Before any other thread exists: it sets environment variables.
    let dotenv = dotenv::load()?;
    let mut source = config::env::read()?;
    settings::read_own(&mut source);
    // A filter that cannot be used is reported with the other problems.
    drop(telemetry::start(settings::log_filter(&source)));
    if let Some(path) = dotenv {
        tracing::info!(path = %path.display(), "settings of a .env file are in use");
    }
    let wanted = LocalTenant::is_wanted(&source, arguments);
    if let Some(obstacle) = LocalTenant::obstacle(&source, arguments) {
        tracing::warn!("--emulator: {obstacle}");
    }
    let settings = if wanted {
        Settings::parse(&source).map_err(|problems| ConfigError { problems })?
    } else {
        parse(&source)
            .map_err(|error| LocalTenant::mention(&source, error))?
            .0
    };
    if arguments.check_config {
        writeln!(io::stdout(), "The settings can be used.")?;
        return Ok(());
    }
    let listeners = listen::open(&settings)?;
    // With PORT=0 the system chooses: the default base URL needs the real one.
    if let (0, Some(listener)) = (settings.port, listeners.first()) {
        source.set("PORT", listener.local_addr()?.port().to_string());
    }
    let tenant = LocalTenant::start(wanted, &mut source)?;
    let (settings, config) = parse(&source)?;
    let limits = limits(&settings, descriptors);
    let served = serve(&settings, config, listeners, limits, tenant.url());
    actix_web::rt::System::new().block_on(served)
}

/// The emulator while it runs; it ends with this value.
struct LocalTenant {
    #[cfg(feature = "emulator")]
    emulator: Option<entra_emulator::Emulator>,
}

impl LocalTenant {
    #[cfg(feature = "emulator")]
    fn is_wanted(source: &Source, arguments: &Arguments) -> bool {
        webapp::emulator::is_wanted(source, arguments.emulator)
    }

    /// Why `--emulator` is not honoured.
    #[cfg(feature = "emulator")]
    fn obstacle(source: &Source, arguments: &Arguments) -> Option<String> {
        webapp::emulator::obstacle(source).filter(|_| arguments.emulator)
    }

    /// Missing settings may be what a newcomer sees first.
    #[cfg(feature = "emulator")]
    fn mention(source: &Source, error: ConfigError) -> AnyError {
        if webapp::emulator::obstacle(source).is_some() {
            return error.into();
        }
        format!("{error}\n  To try it without a tenant: --emulator starts a local one").into()
    }

    #[cfg(feature = "emulator")]
    fn start(wanted: bool, source: &mut Source) -> Result<Self, AnyError> {
        if !wanted {
            return Ok(Self { emulator: None });
        }
        let port = settings::port(source)?;
        let emulator = webapp::emulator::start(source, port)?;
        Ok(Self {
            emulator: Some(emulator),
        })
    }

    #[cfg(feature = "emulator")]
    fn url(&self) -> Option<Url> {
        self.emulator.as_ref().map(entra_emulator::Emulator::url)
    }

    #[cfg(not(feature = "emulator"))]
    const fn is_wanted(_: &Source, _: &Arguments) -> bool {
        false
    }

    #[cfg(not(feature = "emulator"))]
    const fn obstacle(_: &Source, _: &Arguments) -> Option<String> {
        None
    }

    #[cfg(not(feature = "emulator"))]
    fn mention(_: &Source, error: ConfigError) -> AnyError {
        error.into()
    }

    #[cfg(not(feature = "emulator"))]
    fn start(_: bool, _: &mut Source) -> Result<Self, AnyError> {
        Ok(Self {})
    }

    #[cfg(not(feature = "emulator"))]
    fn url(&self) -> Option<Url> {
        None
    }
}

/// Both halves of the settings, so that one start tells every problem.
fn parse(source: &Source) -> Result<(Settings, Config), ConfigError> {
    match (Settings::parse(source), Config::parse(source)) {
        (Ok(settings), Ok(config)) => Ok((settings, config)),
        (settings, config) => {
            let mut problems = config.err().map_or_else(Vec::new, |error| error.problems);
            // PORT is read by both: it also tells the default base URL.
            for problem in settings.err().unwrap_or_default() {
                if problems
                    .iter()
                    .all(|known| known.variable != problem.variable)
                {
                    problems.push(problem);
                }
            }
            Err(ConfigError { problems })
        }
    }
}

/// As many connections as are wished for, or as fit into the descriptors.
fn limits(settings: &Settings, descriptors: Option<u64>) -> Limits {
    let wanted = settings.max_connections;
    let connections = descriptors::connections(descriptors, server::workers(), wanted);
    if connections < wanted && descriptors.is_some() {
        tracing::info!(
            connections,
            descriptors,
            "the limit of open files leaves room for fewer connections than MAX_CONNECTIONS"
        );
    }
    Limits::new(connections)
}

async fn serve(
    settings: &Settings,
    config: Config,
    listeners: Vec<TcpListener>,
    limits: Limits,
    emulator: Option<Url>,
) -> Result<(), AnyError> {
    let assets = Assets::new(settings.static_dir.clone());
    let (delay, drain) = (settings.shutdown_delay, limits.drain);
    let shutdown = delay + SHUTDOWN_TIMEOUT;
    let metrics = MetricsAccess::new(&config, settings.metrics_token.clone());
    let mut parts = Parts::with_shutdown(config, assets, emulator.as_ref(), shutdown)?;
    parts.metrics = metrics;
    let (site, lifecycle) = (parts.site.clone(), parts.lifecycle.clone());
    let auth = parts.auth.clone();
    let options = Options {
        tls: settings.tls.as_ref().map(listen::tls).transpose()?,
        limits,
        bare_headers: parts.headers.for_bare_answers(),
    };
    for listener in &listeners {
        let tls = options.tls.is_some();
        tracing::info!(address = %listener.local_addr()?, tls, "listening");
    }
    let app = move || app(&parts);
    let stop = drained(lifecycle, delay, drain);
    let mut running = server::serve(app, listeners, options, stop)?;
    let url = site.base_url.join("/");
    tracing::info!(%url, redirect_uri = site.redirect_uri, "ready");
    let handle = running.handle();
    let unusable = tokio::select! {
        ended = &mut running => {
            ended?;
            None
        }
        error = store_unusable(&auth) => {
            tracing::error!(%error, "shutting down: without sessions nobody can be served");
            futures_util::join!(handle.stop(true), running).1?;
            Some(error)
        }
    };
    auth.close().await;
    unusable.map_or(Ok(()), |error| Err(error.into()))
}

/// Ends when the listeners are to close. After SIGTERM that is a moment after `/readyz` has turned:
/// what a load balancer sends until it notices is still answered.
async fn drained(lifecycle: Lifecycle, delay: Duration, drain: Duration) {
    let signal = listen::stop_signal().await;
    lifecycle.shut_down();
    tracing::info!("shutting down: open requests have {drain:?}");
    if signal == StopSignal::Terminate {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            _ = listen::stop_signal() => {}
        }
    }
}

/// Ends when the session store has turned out to be unusable for this process, in a way that does
/// not mend itself.
async fn store_unusable(auth: &Auth) -> StoreError {
    match auth.store_opened().await {
        Err(error @ (StoreError::Locked | StoreError::Corrupt | StoreError::Denied)) => error,
        Ok(()) | Err(_) => std::future::pending().await,
    }
}
