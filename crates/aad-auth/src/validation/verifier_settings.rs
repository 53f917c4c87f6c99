//! What the verifier is told.

use std::time::Duration;

use super::DEFAULT_MAX_TOKEN;
use crate::config::{AllowedTenants, Problem, RolesClaim};

/// What the verifier accepts.
#[derive(Clone, Debug)]
pub struct VerifierSettings {
    /// The application (`AAD_CLIENT_ID`).
    pub client_id: String,
    /// `AAD_API_AUDIENCE`; by default the client id and `api://<client id>`.
    pub api_audiences: Vec<String>,
    /// `AAD_TRUSTED_AUDIENCES`: what an ID or logout token may name beside the application; none by
    /// default.
    pub trusted_audiences: Vec<String>,
    /// `AAD_ROLES_CLAIM`; `roles` by default.
    pub roles_claim: RolesClaim,
    /// `AAD_ALLOWED_TENANTS`
    pub tenants: AllowedTenants,
    /// `AAD_CLOCK_LEEWAY`: 60 s by default, at most 5 min.
    pub leeway: Duration,
    /// Whether v1 access tokens are accepted: those of registrations without
    /// `requestedAccessTokenVersion` 2. On by default: their issuer is as exact as that of v2.
    pub v1_access_tokens: bool,
    /// The largest token that is read, in bytes; [`DEFAULT_MAX_TOKEN`] by default.
    pub max_token: usize,
    /// `AAD_TOKEN_CACHE`: memory for verified access tokens, in bytes; 16 MiB by default, 0 switches
    /// it off.
    pub cache_bytes: usize,
}

/// The longest leeway that can be configured.
const MAX_LEEWAY: Duration = Duration::from_secs(300);
/// `AAD_CLOCK_LEEWAY` when it is not set.
const DEFAULT_LEEWAY: Duration = Duration::from_secs(60);
const DEFAULT_CACHE: usize = 16 * 1024 * 1024;

impl VerifierSettings {
    /// The defaults for an application.
    pub fn new(client_id: impl Into<String>, tenants: AllowedTenants) -> Self {
        let client_id = client_id.into();
        Self {
            api_audiences: vec![client_id.clone(), format!("api://{client_id}")],
            client_id,
            trusted_audiences: Vec::new(),
            roles_claim: RolesClaim::default(),
            tenants,
            leeway: DEFAULT_LEEWAY,
            v1_access_tokens: true,
            max_token: DEFAULT_MAX_TOKEN,
            cache_bytes: DEFAULT_CACHE,
        }
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        let blank = |text: &String| text.trim().is_empty();
        if blank(&self.client_id) {
            return Some(Problem::new("AAD_CLIENT_ID", "must not be empty", EXAMPLE));
        }
        if self.api_audiences.is_empty() || self.api_audiences.iter().any(blank) {
            let rule = "must name at least one audience, and none may be empty";
            return Some(Problem::new("AAD_API_AUDIENCE", rule, EXAMPLE));
        }
        (self.leeway > MAX_LEEWAY)
            .then(|| Problem::new("AAD_CLOCK_LEEWAY", "must be at most 5 minutes", "60s"))
    }
}

const EXAMPLE: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(change: impl FnOnce(&mut VerifierSettings)) -> Option<&'static str> {
        let mut settings = VerifierSettings::new("client", AllowedTenants::Any);
        change(&mut settings);
        settings.problem().map(|problem| problem.variable)
    }

    #[test]
    fn nobody_and_everybody_as_the_audience_are_refused() {
        let blank = || " ".to_owned();
        assert_eq!(problem(|it| it.client_id = blank()), Some("AAD_CLIENT_ID"));
        let audience = Some("AAD_API_AUDIENCE");
        assert_eq!(problem(|it| it.api_audiences.clear()), audience);
        assert_eq!(problem(|it| it.api_audiences.push(blank())), audience);
    }

    #[test]
    fn a_leeway_above_five_minutes_is_refused() {
        let leeway = |millis| problem(|it| it.leeway = Duration::from_millis(millis));
        assert_eq!(leeway(300_001), Some("AAD_CLOCK_LEEWAY"));
        assert_eq!(leeway(300_000), None);
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let settings = VerifierSettings::new("client", AllowedTenants::Any);
        assert_eq!(settings.api_audiences, ["client", "api://client"]);
        assert_eq!(settings.leeway, Duration::from_secs(60));
        assert_eq!(
            (settings.max_token, settings.cache_bytes),
            (16_384, 16_777_216)
        );
    }
}
