//! The validation of tokens.

use std::time::Duration;

use super::identity::lower_guid;
use crate::config_room::{
    Authority, RolesClaim, SigningAlgorithms, settings_reader::SettingsReader,
};

/// The settings of the group `Tokens`.
pub(super) struct TokenSettings {
    pub(super) signing_algorithms: SigningAlgorithms,
    pub(super) app_signing_keys: bool,
    pub(super) clock_leeway: Duration,
    /// In bytes.
    pub(super) token_cache: usize,
    /// `None` where the variable is not set.
    pub(super) api_audiences: Option<Vec<String>>,
    pub(super) trusted_audiences: Vec<String>,
    pub(super) roles_claim: RolesClaim,
}

impl TokenSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>, authority: Option<&Authority>) -> Self {
        let algorithms = reader.text("AAD_SIGNING_ALGORITHMS");
        let algorithms =
            algorithms.and_then(|value| reader.accept(SigningAlgorithms::parse(value)));
        let clock_leeway = reader.duration(
            "AAD_CLOCK_LEEWAY",
            Duration::from_secs(60),
            Duration::ZERO..=Duration::from_secs(300),
        );
        let token_cache = reader.parsed("AAD_TOKEN_CACHE", token_cache);
        let roles_claim = reader.parsed("AAD_ROLES_CLAIM", RolesClaim::parse);
        let trusted_audiences = reader.list("AAD_TRUSTED_AUDIENCES").into_iter();
        Self {
            signing_algorithms: algorithms.unwrap_or_default(),
            app_signing_keys: reader.flag("AAD_APP_SIGNING_KEYS"),
            clock_leeway,
            token_cache: token_cache.unwrap_or(DEFAULT_TOKEN_CACHE),
            api_audiences: api_audiences(reader, authority),
            trusted_audiences: trusted_audiences.map(str::to_owned).collect(),
            roles_claim: roles_claim.unwrap_or_default(),
        }
    }
}

/// In bytes.
const DEFAULT_TOKEN_CACHE: usize = 16 << 20;

/// Parses a number of bytes, with `KiB` or `MiB` behind it if need be. A cache for a few tokens would
/// cost more than it saves.
fn token_cache(value: &str) -> Result<usize, &'static str> {
    let (number, unit) = match (value.strip_suffix("KiB"), value.strip_suffix("MiB")) {
        (Some(number), _) => (number, 1 << 10),
        (_, Some(number)) => (number, 1 << 20),
        _ => (value, 1),
    };
    let number: Option<usize> = number.trim().parse().ok();
    match number.and_then(|number| number.checked_mul(unit)) {
        Some(bytes) if bytes == 0 || ((1 << 20)..=(1 << 30)).contains(&bytes) => Ok(bytes),
        _ => Err("must be 0 (off) or a size from 1MiB to 1024MiB"),
    }
}

fn api_audiences(
    reader: &mut SettingsReader<'_>,
    authority: Option<&Authority>,
) -> Option<Vec<String>> {
    let is_microsoft = authority.is_some_and(|authority| authority.tenant().is_some());
    let audience = |text: &str| match (is_microsoft, text.strip_prefix("api://")) {
        (true, Some(id)) => format!("api://{}", lower_guid(id)),
        (true, None) => lower_guid(text),
        (false, _) => text.to_owned(),
    };
    let audiences = reader.list("AAD_API_AUDIENCE");
    (!audiences.is_empty()).then(|| audiences.into_iter().map(audience).collect())
}
