//! The web application's program: settings, listeners, start and stop.

use std::{
    io::{self, Write},
    net::TcpListener,
    process::ExitCode,
    time::Duration,
};

use aad_auth::{
    Auth,
    config::{self, Config, ConfigError, Problem, Source},
    store::StoreError,
};
use clap::Parser;
use url::Url;
use webapp::{
    app::{Parts, SHUTDOWN_TIMEOUT, app},
    assets::Assets,
    certificate::TlsFiles,
    dotenv,
    emulator::{self, LocalEmulator},
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
    /// Start the local emulator when no provider is configured. A debug build does so by itself.
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
    let mut source = config::env::read();
    settings::read_own(&mut source);
    // A filter that cannot be used is reported with the other problems.
    drop(telemetry::start(settings::log_filter(&source)));
    if let Some(path) = dotenv {
        tracing::info!(path = %path.display(), "settings of a .env file are in use");
    }
    let wanted = emulator::is_wanted(&source, arguments.emulator);
    if let Some(obstacle) = emulator::obstacle(&source).filter(|_| arguments.emulator) {
        tracing::warn!("--emulator: the local emulator is not started, since {obstacle}");
    }
    let plan: fn(&Source) -> Source = if wanted {
        emulator::planned
    } else {
        Source::clone
    };
    let (settings, _) = parse(&plan(&source)).map_err(|error| explained(&error, &source))?;
    if arguments.check_config {
        writeln!(io::stdout(), "{}", usable(wanted))?;
        return Ok(());
    }
    let listeners = listen::open(&settings)?;
    // With PORT=0 the system chooses: the default base URL needs the real one.
    if let (0, Some(listener)) = (settings.port, listeners.first()) {
        source.set("PORT", listener.local_addr()?.port().to_string());
    }
    let tenant = if wanted {
        let (_, planned) = parse(&plan(&source))?;
        Some(LocalEmulator::start(&mut source, &planned)?)
    } else {
        None
    };
    let (settings, config) = parse(&source)?;
    let limits = limits(&settings, descriptors);
    let url = tenant.as_ref().map(LocalEmulator::url);
    let served = serve(&settings, config, listeners, limits, url);
    actix_web::rt::System::new().block_on(served)
}

const fn usable(with_emulator: bool) -> &'static str {
    if with_emulator {
        "The settings can be used. They name no provider: the local emulator will be started."
    } else {
        "The settings can be used."
    }
}

/// Both halves of the settings, so that one start tells every problem.
fn parse(source: &Source) -> Result<(Settings, Config), ConfigError> {
    let (settings, config) = (Settings::parse(source), Config::parse(source));
    let folder = config::check_state_dir(source);
    match (settings, config, folder) {
        (Ok(settings), Ok(config), Ok(())) => Ok((settings, config)),
        (settings, config, folder) => {
            let mut problems = config.err().map_or_else(Vec::new, |error| error.problems);
            // PORT is read by both: it also tells the default base URL.
            for problem in settings
                .err()
                .unwrap_or_default()
                .into_iter()
                .chain(folder.err())
            {
                if problems
                    .iter()
                    .all(|known| known.variable != problem.variable)
                {
                    problems.push(problem);
                }
            }
            Err(ConfigError::from(problems))
        }
    }
}

/// A missing provider may be what a newcomer sees first: then it is told what would do without one.
fn explained(error: &ConfigError, source: &Source) -> String {
    let is_missing = |problem: &Problem| {
        REQUIRED.contains(&problem.variable) && source.get(problem.variable).is_none()
    };
    if error.problems.iter().any(is_missing) {
        format!("{error}\n  {}", emulator::remark(source))
    } else {
        error.to_string()
    }
}

/// What names a provider, and this application there.
const REQUIRED: [&str; 3] = ["AAD_TENANT_ID", "AAD_CLIENT_ID", "AAD_CLIENT_SECRET"];

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
        tls: settings.tls.as_ref().map(TlsFiles::load).transpose()?,
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
