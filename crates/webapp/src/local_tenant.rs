//! Without any configuration, on a developer's machine, a local tenant signs people in.

use std::path::PathBuf;

use aad_auth::config::{Source, is_local};
use entra_emulator::{Emulator, StartError};

/// Where the local tenant listens, if nobody else does.
const PORT: u16 = 5001;
/// How many ports are tried after that one.
const FURTHER_PORTS: u16 = 20;

/// Whether the local tenant may take the place of a real one: nothing is configured, the listener
/// is on loopback, no hosting platform has left its mark, and this is a debug build or was asked
/// for. In any other case missing configuration is an error.
pub fn is_wanted(source: &Source, asked: bool) -> bool {
    (cfg!(debug_assertions) || asked) && !source.has_prefix("AAD_") && is_local(source)
}

/// Starts the local tenant and sets what signs in there.
///
/// # Errors
/// When no port is free, or the state folder cannot be used.
pub fn start(source: &mut Source) -> Result<Emulator, StartError> {
    let emulator = on_a_free_port(state_folder(source))?;
    for line in emulator.ready_env(None).lines() {
        // Where the application itself is reached, it knows better.
        let ours = ["AAD_BASE_URL=", "AAD_REDIRECT_PATH="];
        if let Some((name, value)) = line.split_once('=')
            && name.starts_with("AAD_")
            && !ours.iter().any(|own| line.starts_with(own))
        {
            source.set(name, value);
        }
    }
    tracing::warn!(
        url = %emulator.url(),
        control_token = emulator.control_token(),
        "NOTHING IS CONFIGURED: users sign in with a LOCAL EMULATOR, not with Microsoft, and \
         without a password. To use your own tenant, copy .env.example to .env"
    );
    Ok(emulator)
}

fn on_a_free_port(state: Option<PathBuf>) -> Result<Emulator, StartError> {
    let mut port = PORT;
    loop {
        let mut builder = Emulator::builder().port(port);
        if let Some(folder) = &state {
            builder = builder.state_dir(folder.clone());
        }
        match builder.start() {
            Err(StartError::PortInUse(_)) if port < PORT + FURTHER_PORTS => {
                tracing::warn!(port, "in use: the local emulator takes the next port");
                port += 1;
            }
            result => return result,
        }
    }
}

/// Beside the sessions, so that a restart signs nobody out.
fn state_folder(source: &Source) -> Option<PathBuf> {
    let state = source.get("XDG_STATE_HOME").map(PathBuf::from);
    let home = source
        .get("HOME")
        .map(|home| PathBuf::from(home).join(".local/state"));
    Some(state.or(home)?.join("aad-auth").join("emulator"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_never_started_where_anything_is_configured_or_anybody_else_may_come() {
        assert!(is_wanted(&Source::new(), true));
        assert!(is_wanted(&Source::new().with("HOST", "127.0.0.1"), true));
        for (name, value) in [
            ("AAD_TENANT_ID", "contoso.com"),
            ("AAD_USERINFO", "true"),
            ("HOST", "0.0.0.0"),
            ("HOST", "192.168.0.5"),
            ("WEBSITE_SITE_NAME", "site"),
            ("CONTAINER_APP_NAME", "app"),
            ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ] {
            assert!(
                !is_wanted(&Source::new().with(name, value), true),
                "{name}={value}"
            );
        }
    }
}
