//! The key generations of an instance, and the folder that a generated secret is kept in.

use std::path::PathBuf;

use super::{StartError, generated_secret};
use crate::{
    config::{Config, Problem, no_state_dir},
    seal::{InstanceLabel, Keys},
    secret::{ExposeSecret, Secret},
};

/// The key generations: from `AAD_SESSION_SECRET`, or for a loopback base URL from a secret that
/// is generated once and kept in the state folder.
pub(in crate::web) fn open_keys(config: &Config) -> Result<Keys, StartError> {
    let generated;
    let secrets = if config.session_secrets.is_empty() {
        generated = [generated_secret::load(&state_dir(config)?)?];
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

pub(in crate::web) fn state_dir(config: &Config) -> Result<PathBuf, Problem> {
    config.state_dir.clone().ok_or_else(no_state_dir)
}
