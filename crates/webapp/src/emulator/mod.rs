//! Starts the local emulator in this process where no provider is configured, so that a fresh clone can sign
//! a user in.

mod memory;
mod running;

use aad_auth::config::{self, Source};
use url::Url;

pub use self::running::LocalEmulator;
use crate::loopback::is_loopback;

/// Whether to start the emulator: no identity provider is configured, and only this machine can reach the
/// pages. `asked` is the flag `--emulator`, which a debug build does not need.
pub fn is_wanted(source: &Source, asked: bool) -> bool {
    obstacle(source).is_none() && (asked || cfg!(debug_assertions))
}

/// The reason why the emulator is not started, as a clause; `None` where it can be.
///
/// Settings of sessions, of the log and of a listener on this machine are no reason.
pub fn obstacle(source: &Source) -> Option<String> {
    let identity = |setting: &&config::Setting| setting.group == config::Group::Identity;
    let is_set = |setting: &&config::Setting| {
        source.get(setting.name).is_some()
            || source.get(&format!("{}_FILE", setting.name)).is_some()
    };
    let set = config::SETTINGS.iter().filter(identity).find(is_set);
    if let Some(setting) = set {
        return Some(format!(
            "{} is set, which belongs to a provider of your own",
            setting.name
        ));
    }
    if !config::is_local(source) {
        let reason = "others can reach this machine's listener: leave HOST unset, and run it outside \
                      of a hosting platform";
        return Some(reason.to_owned());
    }
    // A value that is no URL is reported with the other settings.
    let base_url = Url::parse(source.get("AAD_BASE_URL")?.trim()).ok()?;
    let elsewhere = !base_url.host_str().is_some_and(is_loopback);
    elsewhere.then(|| "AAD_BASE_URL is not on this machine: leave it unset".to_owned())
}

/// The remark on the emulator in a message about a missing provider.
pub fn remark(source: &Source) -> String {
    match obstacle(source) {
        None => "To try it without a tenant: --emulator starts a local one".to_owned(),
        Some(obstacle) => {
            format!("The local emulator (--emulator) is not started, since {obstacle}")
        }
    }
}

/// The settings with the emulator as the provider, with placeholders for its port and secret.
///
/// So all other settings are checked before the emulator starts.
pub fn planned(source: &Source) -> Source {
    let mut planned = source.clone();
    for (name, value) in PLACEHOLDERS {
        planned.set(name, value);
    }
    if memory::is_only_place(source) {
        memory::keep(&mut planned);
    }
    planned
}

const PLACEHOLDERS: [(&str, &str); 4] = [
    ("AAD_AUTHORITY_HOST", "http://127.0.0.1:5001"),
    ("AAD_TENANT_ID", "11110000-aaaa-4bbb-8ccc-000000000001"),
    ("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000001"),
    ("AAD_CLIENT_SECRET", "placeholder for the emulator's secret"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unconfigured_program_on_a_developers_machine_starts_it() {
        let nothing = Source::new();
        assert!(is_wanted(&nothing, true));
        for (name, value) in [
            ("AAD_TENANT_ID", "organizations"),
            ("AAD_CLIENT_ID", "x"),
            ("AAD_CLIENT_SECRET", "x"),
            ("AAD_CLIENT_SECRET_FILE", "/run/secrets/x"),
            ("AAD_AUTHORITY", "https://id.example.test"),
            ("AAD_AUTHORITY_HOST", "https://login.example.test"),
            ("HOST", "0.0.0.0"),
            ("AAD_BASE_URL", "https://app.example.test"),
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
            ("HOST", "127.0.0.1"),
            ("AAD_BASE_URL", "http://localhost:8080"),
            ("AAD_BASE_URL", "http://127.0.0.1:8080/app"),
            ("AAD_BASE_URL", "nonsense"),
            ("AAD_REDIRECT_PATH", "/cb"),
            ("AAD_STATE_DIR", "/var/lib/app"),
            ("AAD_SESSION_STORE", "memory"),
            ("AAD_SESSION_SECRET", "x"),
            ("AAD_SESSION_IDLE", "1h"),
            ("AAD_SCOPES", "openid User.Read"),
            ("RUST_LOG", "debug"),
            ("TLS_CERT_FILE", "/etc/tls/chain.pem"),
        ] {
            let source = nothing.clone().with(name, value);
            assert_eq!(obstacle(&source), None, "{name}={value}");
            assert!(is_wanted(&source, true), "{name}={value}");
        }
    }
}
