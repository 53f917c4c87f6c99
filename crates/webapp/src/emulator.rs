//! With nothing configured, a local tenant in this process: so that a fresh clone signs a user in.

use aad_auth::config::{self, Source};
use entra_emulator::{Emulator, StartError};

/// The emulator's usual port, and how many after it are tried.
const PORT: u16 = 5001;
const FURTHER_PORTS: u16 = 20;

/// Whether the emulator is to be started: no identity provider is configured, and only this machine can
/// reach the pages. `asked` is `--emulator`; a debug build needs no asking.
pub fn is_wanted(source: &Source, asked: bool) -> bool {
    obstacle(source).is_none() && (asked || cfg!(debug_assertions))
}

/// What keeps the emulator away, as a sentence without a full stop. Settings of sessions, addresses and
/// the listener do not.
pub fn obstacle(source: &Source) -> Option<String> {
    let identity = |setting: &&config::Setting| setting.group == config::Group::Identity;
    let is_set = |setting: &&config::Setting| {
        source.get(setting.name).is_some()
            || source.get(&format!("{}_FILE", setting.name)).is_some()
    };
    let set = config::SETTINGS.iter().filter(identity).find(is_set);
    if let Some(setting) = set {
        return Some(format!(
            "the emulator is not started, since {} names a provider of your own",
            setting.name
        ));
    }
    (!config::is_local(source)).then(|| {
        "the emulator is not started, since others can reach this machine's listener: leave HOST \
         unset, and run it outside of a hosting platform"
            .to_owned()
    })
}

/// Starts it, and adds to `source` what makes it the provider. `port` is that of the pages.
///
/// # Errors
/// No free port, or a state folder that cannot be used.
pub fn start(source: &mut Source, port: u16) -> Result<Emulator, StartError> {
    let emulator = start_on_a_free_port(source)?;
    // `localhost` beside the emulator's 127.0.0.1 is another site for browsers, as in real life.
    let redirect_uri = format!("http://localhost:{port}/auth/redirect");
    for line in emulator.ready_env(Some(&redirect_uri)).lines() {
        if let Some((name, value)) = line.split_once('=') {
            source.set(name, value);
        }
    }
    announce(&emulator);
    Ok(emulator)
}

fn start_on_a_free_port(source: &Source) -> Result<Emulator, StartError> {
    let mut port = PORT;
    loop {
        let mut builder = Emulator::builder().port(port);
        if let Some(folder) = config::default_state_dir(source) {
            // Its keys and sign-ins outlive a restart, like the sessions here.
            builder = builder.state_dir(folder.join("emulator"));
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

fn announce(emulator: &Emulator) {
    tracing::warn!(
        url = %emulator.url(),
        "LOCAL EMULATOR: nothing is configured, so anyone on this machine can sign in as any of \
         its users. To connect your own tenant, see README.md and .env.example"
    );
    tracing::info!(
        url = %format_args!("{}control/", emulator.url()),
        token = emulator.control_token(),
        "the emulator's control API"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unconfigured_program_on_a_developers_machine_starts_it() {
        let nothing = Source::new();
        assert!(is_wanted(&nothing, true));
        for (name, value) in [
            ("AAD_TENANT_ID", "organizations"),
            ("AAD_CLIENT_SECRET", "x"),
            ("AAD_CLIENT_SECRET_FILE", "/run/secrets/x"),
            ("AAD_AUTHORITY_HOST", "https://login.example.test"),
            ("HOST", "0.0.0.0"),
            ("WEBSITE_SITE_NAME", "site"),
            ("CONTAINER_APP_NAME", "app"),
            ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ] {
            let source = nothing.clone().with(name, value);
            assert!(!is_wanted(&source, true), "{name}");
            assert!(obstacle(&source).is_some(), "{name}");
        }
        for (name, value) in [
            ("PORT", "8080"),
            ("AAD_STATE_DIR", "/var/lib/app"),
            ("AAD_SESSION_STORE", "memory"),
            ("AAD_SESSION_IDLE", "1h"),
            ("RUST_LOG", "debug"),
        ] {
            assert!(
                is_wanted(&nothing.clone().with(name, value), true),
                "{name}"
            );
        }
    }
}
