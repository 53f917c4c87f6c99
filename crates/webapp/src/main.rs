//! The web application's program: settings, listeners, start and stop.

use std::{
    io::{self, Write},
    net::TcpListener,
    process::ExitCode,
};

use aad_auth::{
    Auth,
    config::{self, Config, ConfigError, Source},
};
use actix_web::HttpServer;
use clap::Parser;
use webapp::{
    app::{Parts, app},
    assets::Assets,
    auth_pages::AuthPages,
    headers::SecurityHeaders,
    health::Lifecycle,
    listen,
    pages::Site,
    settings::{self, Settings},
    telemetry,
    views::Views,
};

/// Signs users in with Microsoft Entra ID or any OpenID provider. Settings are environment
/// variables; see .env.example.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Check the settings, say what is wrong with them, and stop.
    #[arg(long)]
    check_config: bool,
    /// Sign in with the local emulator, also in a release build; only without any AAD_* setting.
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
    // Before any other thread exists: it sets environment variables.
    let dotenv = settings::load_dotenv()?;
    let mut source = config::env::read()?;
    settings::read_own(&mut source);
    let own = Settings::parse(&source).ok();
    if let Some(own) = &own {
        telemetry::start(&own.log_filter)?;
    }
    if let Some(path) = dotenv {
        tracing::info!(path = %path.display(), "settings of a .env file are in use");
    }
    let tenant = LocalTenant::start_if_wanted(&mut source, arguments.emulator)?;
    let (settings, _) = parse(&source)?;
    if arguments.check_config {
        writeln!(io::stdout(), "The settings can be used.")?;
        return Ok(());
    }
    let listeners = listen::open(&settings)?;
    // With PORT=0 the system chooses: the default base URL needs the real one.
    if let (0, Some(listener)) = (settings.port, listeners.first()) {
        source.set("PORT", listener.local_addr()?.port().to_string());
    }
    let (_, config) = parse(&source)?;
    actix_web::rt::System::new().block_on(serve(&settings, config, listeners, &tenant))
}

/// The local tenant while it runs; ends with the program.
struct LocalTenant {
    #[cfg(feature = "emulator")]
    emulator: Option<entra_emulator::Emulator>,
}

impl LocalTenant {
    #[cfg(feature = "emulator")]
    fn start_if_wanted(source: &mut Source, asked: bool) -> Result<Self, AnyError> {
        let wanted = webapp::local_tenant::is_wanted(source, asked);
        let emulator = wanted
            .then(|| webapp::local_tenant::start(source))
            .transpose()?;
        Ok(Self { emulator })
    }

    #[cfg(not(feature = "emulator"))]
    fn start_if_wanted(_: &mut Source, asked: bool) -> Result<Self, AnyError> {
        if asked {
            return Err("this build has no emulator: build with the feature `emulator`".into());
        }
        Ok(Self {})
    }

    fn url(&self) -> Option<url::Url> {
        #[cfg(feature = "emulator")]
        return self.emulator.as_ref().map(entra_emulator::Emulator::url);
        #[cfg(not(feature = "emulator"))]
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

async fn serve(
    settings: &Settings,
    config: Config,
    listeners: Vec<TcpListener>,
    tenant: &LocalTenant,
) -> Result<(), AnyError> {
    let assets = Assets::new(settings.static_dir.clone());
    let views = Views::load()?;
    let emulator = tenant.url();
    let site = Site::new(&config, |base| assets.urls(base), emulator.as_ref());
    let auth = Auth::builder(config)
        .pages(AuthPages::new(site.clone(), views.clone()))
        .build()?;
    let csp = auth.clone();
    let lifecycle = Lifecycle::default();
    let https = site.base_url.is_https();
    let parts = Parts {
        site: site.clone(),
        views,
        assets,
        headers: SecurityHeaders::new(move || csp.csp_sources(), https),
        lifecycle: lifecycle.clone(),
        auth,
    };
    let mut server = HttpServer::new(move || app(&parts))
        .shutdown_timeout(10)
        .shutdown_signal(async move {
            listen::stop_signal().await;
            tracing::info!("shutting down: open requests have 10 seconds");
            lifecycle.shut_down();
        });
    let tls = settings.tls.as_ref().map(listen::tls).transpose()?;
    for listener in listeners {
        tracing::info!(address = %listener.local_addr()?, tls = tls.is_some(), "listening");
        server = match &tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls.clone())?,
            None => server.listen(listener)?,
        };
    }
    let url = site.base_url.join("/");
    tracing::info!(%url, redirect_uri = site.redirect_uri, "ready");
    Ok(server.run().await?)
}
