//! The command line, the start log and the wait for the end signal.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use entra_emulator::{Directory, DirectoryError, Emulator, StartError};
use url::Url;

/// A local Microsoft Entra ID look-alike for development and tests. It signs in every user without a password, and listens on
/// 127.0.0.1 only.
#[derive(Debug, Parser)]
#[command(name = "entra-emulator", version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 5001)]
    port: u16,
    /// Directory of tenants, users, groups and applications (TOML); default: an invented one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Origin of your application, if it is not http://localhost:5000. The default directory registers it there.
    #[arg(long, value_name = "ORIGIN", value_parser = origin, conflicts_with = "config")]
    application: Option<Url>,
    /// Make generated identifiers the same in every run.
    #[arg(long)]
    seed: Option<u64>,
    /// Folder for keys, so that tokens and cookies outlive a restart.
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// Use https, with a certificate of a local authority (kept in the state folder).
    #[arg(long)]
    tls: bool,
    /// Print the default directory, to be copied and changed, and exit.
    #[arg(long)]
    print_default_config: bool,
}

#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(
        "this process runs on a hosting platform ({0} is set), and the emulator signs in every user without a password; use a real tenant there"
    )]
    Hosted(&'static str),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the emulator cannot wait for the end signal: {0}")]
    Signals(io::Error),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Variables that hosting platforms set.
const HOSTING_VARIABLES: [&str; 3] = [
    "WEBSITE_SITE_NAME",
    "CONTAINER_APP_NAME",
    "KUBERNETES_SERVICE_HOST",
];

pub(crate) fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(tracing::Level::INFO)
        .init();
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "entra-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), RunError> {
    if arguments.print_default_config {
        io::stdout().write_all(Directory::default_toml().as_bytes())?;
        return Ok(());
    }
    refuse_hosting()?;
    let mut builder = Emulator::builder().port(arguments.port).tls(arguments.tls);
    if let Some(path) = &arguments.config {
        builder = builder.directory(Directory::from_file(path)?);
    }
    if let Some(origin) = &arguments.application {
        builder = builder.directory(Directory::default().with_applications_at(origin));
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(path) = arguments.state_dir {
        builder = builder.state_dir(path);
    }
    let emulator = builder.start()?;
    announce(&emulator)?;
    wait_for_end().map_err(RunError::Signals)?;
    emulator.stop();
    Ok(())
}

fn origin(text: &str) -> Result<Url, &'static str> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/")
        .ok_or("give scheme, host and port, such as http://localhost:8080")
}

#[allow(
    clippy::disallowed_methods,
    reason = "a development tool without a configuration layer; it only reads whether these are set"
)]
fn refuse_hosting() -> Result<(), RunError> {
    match HOSTING_VARIABLES
        .into_iter()
        .find(|name| std::env::var_os(name).is_some())
    {
        Some(name) => Err(RunError::Hosted(name)),
        None => Ok(()),
    }
}

fn announce(emulator: &Emulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "LOCAL EMULATOR - not Microsoft, accepts any of these users\n\n  {}\n\nUsers:",
        emulator.url()
    )?;
    for user in &emulator.control().directory().users {
        writeln!(out, "  {:<62} {}", user.user_principal_name, user.note)?;
    }
    writeln!(
        out,
        "\nControl API: {}control/ with 'Authorization: Bearer {}'",
        emulator.url(),
        emulator.control_token()
    )?;
    if let Some(ca) = emulator.ca_pem() {
        writeln!(
            out,
            "\nTrust this authority in your application (not in your browser's store):\n{ca}"
        )?;
    }
    writeln!(
        out,
        "\nEnvironment of an application (.env):\n\n{}",
        emulator.ready_env(None)
    )?;
    out.flush()
}

/// Waits for Ctrl-C or SIGTERM.
fn wait_for_end() -> io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let interrupt = actix_web::rt::signal::ctrl_c();
        #[cfg(unix)]
        {
            use actix_web::rt::signal::unix::{SignalKind, signal};
            let mut end = signal(SignalKind::terminate())?;
            tokio::select! {
                ended = interrupt => ended,
                _ = end.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        interrupt.await
    })
}
