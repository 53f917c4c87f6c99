//! The settings of one deployment, and its registration at the provider.

use entra_emulator::Emulator;

use super::{SECRET, Settings};

/// Settings of a process that serves `base_url` on a port of its own, with memory as its store.
/// Registers the addresses of the deployment. The provider tells nobody of sign-outs by frames, so
/// that it leads back at once.
pub fn deployment(emulator: &Emulator, base_url: &str) -> Settings {
    let redirect_uri = format!("{base_url}/auth/redirect");
    let signed_out = format!("{base_url}/auth/post_sign_out");
    emulator.control().edit_directory(|directory| {
        let application = directory.applications.first_mut().unwrap();
        application.web.logout_url = None;
        let registered = &mut application.web.redirect_uris;
        registered.extend([redirect_uri.clone(), signed_out]);
    });
    let mut settings: Settings = emulator
        .ready_env(Some(&redirect_uri))
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, value) in [
        ("AAD_BASE_URL", base_url),
        ("AAD_REDIRECT_PATH", "/auth/redirect"),
        ("AAD_SESSION_SECRET", SECRET),
        ("AAD_SESSION_STORE", "memory"),
        ("METRICS_TOKEN", OPERATOR),
        ("PORT", "0"),
    ] {
        settings.insert(name.into(), value.into());
    }
    settings
}

/// Who presents it is told what is degraded.
pub const OPERATOR: &str = "0123456789abcdef0123456789abcdef";
