//! How sessions are sealed, and how long they live.

use std::time::Duration;

use crate::{
    config_room::{BaseUrl, StoreUrl, source::Reader},
    secret::Secret,
};

pub(super) fn session_secrets(reader: &mut Reader<'_>, base_url: Option<&BaseUrl>) -> Vec<Secret> {
    let values = reader.list("AAD_SESSION_SECRET");
    if values.is_empty() && base_url.is_some_and(|base| !base.is_loopback()) {
        reader.problem(
            "AAD_SESSION_SECRET",
            "must be base64 of 64 random bytes, the same on every instance; one is generated for \
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

/// A store of a kind that this build has.
pub(super) fn session_store(value: &str) -> Result<StoreUrl, String> {
    let store = value
        .parse::<StoreUrl>()
        .map_err(|error| error.to_string())?;
    let lacking = match store {
        StoreUrl::File(_) if !cfg!(feature = "file") => "file",
        StoreUrl::Redis(_) if !cfg!(feature = "redis") => "redis",
        _ => return Ok(store),
    };
    Err(format!(
        "asks for a store that this build does not have: build with the feature {lacking}"
    ))
}

pub(super) fn limits(reader: &mut Reader<'_>) -> (Duration, Duration, Duration) {
    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);
    let idle = reader.duration("AAD_SESSION_IDLE", HOUR * 8, MINUTE..=HOUR * 24 * 90);
    let max = reader.duration("AAD_SESSION_MAX", HOUR * 24, MINUTE..=HOUR * 24 * 90);
    let recheck = reader.duration("AAD_RECHECK", HOUR, MINUTE..=HOUR * 24);
    if idle > max {
        reader.problem(
            "AAD_SESSION_IDLE",
            "must not be longer than AAD_SESSION_MAX (24 h by default)",
        );
    }
    (idle, max, recheck)
}
