//! Sessions and their store.

use std::{path::PathBuf, time::Duration};

use super::state_dir::state_dir;
use crate::{
    config_room::{BaseUrl, StoreUrl, settings_reader::SettingsReader},
    secret::Secret,
};

/// The settings of the group `Session`.
pub(super) struct SessionSettings {
    /// Empty: one is generated.
    pub(super) secrets: Vec<Secret>,
    pub(super) store: Option<StoreUrl>,
    pub(super) state_dir: Option<PathBuf>,
    pub(super) idle: Duration,
    pub(super) max: Duration,
    pub(super) max_per_user: Option<usize>,
    pub(super) recheck: Duration,
}

impl SessionSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>, base_url: Option<&BaseUrl>) -> Self {
        let secrets = secrets(reader, base_url);
        let (idle, max) = timeouts(reader);
        Self {
            secrets,
            idle,
            max,
            recheck: reader.duration("AAD_RECHECK", HOUR, MINUTE..=HOUR * 24),
            max_per_user: reader.parsed("AAD_MAX_SESSIONS_PER_USER", max_per_user),
            store: reader.parsed("AAD_SESSION_STORE", store),
            state_dir: state_dir(reader),
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn secrets(reader: &mut SettingsReader<'_>, base_url: Option<&BaseUrl>) -> Vec<Secret> {
    let values = reader.list("AAD_SESSION_SECRET");
    if values.is_empty() && base_url.is_some_and(|base| !base.is_loopback()) {
        reader.problem(
            "AAD_SESSION_SECRET",
            "must be base64 of 64 random bytes, the same on every replica; one is generated for \
             a loopback base URL only",
        );
    }
    if values.iter().any(|value| !is_strong(value)) {
        reader.problem(
            "AAD_SESSION_SECRET",
            "must be base64 of at least 64 random bytes; several, newest first, separated by commas",
        );
        return Vec::new();
    }
    values.into_iter().map(Secret::from).collect()
}

fn is_strong(value: &str) -> bool {
    use base64::{Engine, engine::general_purpose as alphabets};
    let trimmed = value.trim_end_matches('=');
    let bytes = alphabets::STANDARD_NO_PAD
        .decode(trimmed)
        .or_else(|_| alphabets::URL_SAFE_NO_PAD.decode(trimmed));
    // A repeated byte is a placeholder, not a secret.
    bytes.is_ok_and(|bytes| bytes.len() >= 64 && bytes.iter().any(|byte| *byte != bytes[0]))
}

/// The idle timeout and the absolute timeout.
fn timeouts(reader: &mut SettingsReader<'_>) -> (Duration, Duration) {
    let idle = reader.duration("AAD_SESSION_IDLE", HOUR * 8, MINUTE..=HOUR * 24 * 90);
    let max = reader.duration("AAD_SESSION_MAX", HOUR * 24, MINUTE..=HOUR * 24 * 90);
    if idle > max {
        reader.problem(
            "AAD_SESSION_IDLE",
            "must not be longer than AAD_SESSION_MAX (24 h by default)",
        );
    }
    (idle, max)
}

fn max_per_user(value: &str) -> Result<usize, &'static str> {
    match value.parse() {
        // An index of a store holds 4,096.
        Ok(number) if (1..=4000).contains(&number) => Ok(number),
        _ => Err("must be a number from 1 to 4000"),
    }
}

/// Parses the address of a store, of a kind that this build has.
fn store(value: &str) -> Result<StoreUrl, String> {
    let store = value
        .parse::<StoreUrl>()
        .map_err(|error| error.to_string())?;
    let lacking = match store {
        StoreUrl::File(_) if !cfg!(feature = "file") => "file",
        StoreUrl::Redis(_) if !cfg!(feature = "redis") => "redis",
        _ => return Ok(store),
    };
    Err(format!(
        "names a store that this build does not have: build with the feature {lacking}"
    ))
}
