//! The running emulator, and the registration of this application in it.

use std::path::{Path, PathBuf};

use aad_auth::config::{self, Config, Group, Source};
use entra_emulator::{Directory, Emulator, StartError};
use url::Url;

use super::memory;

/// The emulator's default port, and how many further ports are tried.
const PORT: u16 = 5001;
const FURTHER_PORTS: u16 = 20;

/// The running emulator. It stops when this value is dropped.
pub struct LocalEmulator(Emulator);

impl LocalEmulator {
    /// Starts the emulator, and sets it as the provider in `source`. The application is registered at the
    /// addresses of `planned`.
    ///
    /// Without a usable folder, its keys and the sessions are kept in memory, with a warning in the log.
    ///
    /// # Errors
    /// No free port, or a folder of `AAD_STATE_DIR` that cannot be used.
    pub fn start(source: &mut Source, planned: &Config) -> Result<Self, String> {
        let emulator = start_in_a_folder(source, &directory(planned))?;
        let settings = emulator.ready_env(Some(&planned.redirect_uri()));
        for (name, value) in settings.lines().filter_map(|line| line.split_once('=')) {
            // The addresses of the application are its own settings.
            if config::setting(name).is_some_and(|setting| setting.group != Group::Address) {
                source.set(name, value);
            }
        }
        announce(&emulator);
        Ok(Self(emulator))
    }

    /// The address of the emulator.
    pub fn url(&self) -> Url {
        self.0.url()
    }
}

fn start_in_a_folder(source: &mut Source, directory: &Directory) -> Result<Emulator, String> {
    // Keys and sign-ins of the emulator outlive a restart, like the sessions.
    if let Some(folder) = source.get("AAD_STATE_DIR") {
        let folder = PathBuf::from(folder).join(FOLDER);
        return start_on_a_free_port(directory, Some(&folder)).map_err(|error| match error {
            StartError::StateDir(_) => format!("AAD_STATE_DIR: {error}"),
            other => told(&other),
        });
    }
    let reason = match config::default_state_dir(source) {
        None => "no variable names your home folder".to_owned(),
        Some(folder) => match start_on_a_free_port(directory, Some(&folder.join(FOLDER))) {
            Ok(emulator) => return Ok(emulator),
            Err(StartError::StateDir(error)) => error.to_string(),
            Err(other) => return Err(told(&other)),
        },
    };
    tracing::warn!(
        reason,
        "LOCAL EMULATOR: its keys, and the sessions here, are in memory and end with this process. \
         To keep them, set AAD_STATE_DIR to a folder of yours"
    );
    memory::keep(source);
    start_on_a_free_port(directory, None).map_err(|error| told(&error))
}

/// Words an error for this program. The emulator's own message names options of its own program.
fn told(error: &StartError) -> String {
    if let StartError::PortInUse(last) = error {
        return format!(
            "other programs use the ports {PORT} to {last}: the emulator needs one of them"
        );
    }
    format!("the local emulator cannot start: {error}")
}

fn start_on_a_free_port(
    directory: &Directory,
    folder: Option<&Path>,
) -> Result<Emulator, StartError> {
    let mut port = PORT;
    loop {
        let mut builder = Emulator::builder().port(port).directory(directory.clone());
        if let Some(folder) = folder {
            builder = builder.state_dir(folder);
        }
        match builder.start() {
            Err(StartError::PortInUse(_)) if port < PORT + FURTHER_PORTS => {
                tracing::warn!(port, "the emulator's port is in use: trying the next one");
                port += 1;
            }
            started => return started,
        }
    }
}

/// The default directory with the addresses of this application: its origin for every registration, and its
/// paths for its own one.
fn directory(planned: &Config) -> Directory {
    let mut directory = Directory::default();
    if let Ok(origin) = Url::parse(&planned.base_url.origin()) {
        directory = directory.with_applications_at(&origin);
    }
    let ours = directory
        .applications
        .iter_mut()
        .find(|application| !application.web.redirect_uris.is_empty());
    if let Some(ours) = ours {
        ours.web.redirect_uris = vec![planned.redirect_uri(), planned.post_logout_redirect_uri()];
        let front_channel = planned.route(FRONT_CHANNEL);
        ours.web.logout_url = Some(planned.base_url.join(&front_channel));
    }
    directory
}

/// Below `AAD_ROUTE_PREFIX`.
const FRONT_CHANNEL: &str = "/front_channel_sign_out";

fn announce(emulator: &Emulator) {
    tracing::warn!(
        url = %emulator.url(),
        "LOCAL EMULATOR: no provider is configured, so anyone on this machine can sign in as any of \
         its users. To connect your own tenant, see README.md and .env.example"
    );
    tracing::info!(
        url = %format_args!("{}control/", emulator.url()),
        token = emulator.control_token(),
        "the emulator's control API"
    );
}

const FOLDER: &str = "emulator";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r113_the_application_is_registered_at_its_own_addresses() {
        for (name, value, base) in [
            ("PORT", "5050", "http://localhost:5050"),
            (
                "AAD_BASE_URL",
                "http://127.0.0.1:81/app",
                "http://127.0.0.1:81/app",
            ),
            ("TLS_CERT_FILE", "/chain.pem", "https://localhost:5000"),
        ] {
            let source = Source::new()
                .with(name, value)
                .with("AAD_ROUTE_PREFIX", "/x")
                .with("AAD_REDIRECT_PATH", "/cb");
            let planned = Config::parse(&super::super::planned(&source)).unwrap();
            let directory = directory(&planned);
            let web = &directory.applications[0].web;
            let expected = [format!("{base}/cb"), format!("{base}/x/post_sign_out")];
            assert_eq!(web.redirect_uris, expected);
            let logout = format!("{base}/x/front_channel_sign_out");
            assert_eq!(web.logout_url, Some(logout));
        }
    }
}
