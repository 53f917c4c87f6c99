//! The configuration: every setting parsed once, every problem reported at once.

use std::{path::PathBuf, time::Duration};

use url::Url;

use super::{
    AllowedTenants, Authority, BaseUrl, ConfigError, CookieNames, EndpointHosts, RolesClaim,
    SigningAlgorithms, Source, StoreUrl, parse,
};
use crate::secret::Secret;

/// How the application signs users in. Immutable; made from the environment
/// ([`Config::from_env`]) or from a [`Source`] ([`Config::parse`]).
///
/// It has no `Debug`: it holds secrets.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Whom we trust (`AAD_TENANT_ID` with `AAD_AUTHORITY_HOST`, or `AAD_AUTHORITY`).
    pub authority: Authority,
    /// The user flow in which users edit their profile (`AAD_USER_FLOW_EDIT_PROFILE`).
    pub edit_profile: Option<Authority>,
    /// The user flow in which users choose a new password (`AAD_USER_FLOW_PASSWORD_RESET`).
    pub password_reset: Option<Authority>,
    /// Hosts that metadata may name (`AAD_ENDPOINT_HOSTS` and the built-in ones).
    pub endpoint_hosts: EndpointHosts,
    /// The application (client) id (`AAD_CLIENT_ID`).
    pub client_id: String,
    /// The client secrets in the order they are tried (`AAD_CLIENT_SECRET`).
    pub client_secrets: Vec<Secret>,
    /// How the secret is sent (`AAD_CLIENT_AUTH`); by default what the metadata offers.
    pub client_auth: Option<ClientAuth>,
    /// Which tenants' users may sign in (`AAD_ALLOWED_TENANTS`).
    pub allowed_tenants: AllowedTenants,
    /// Accepted signature algorithms (`AAD_SIGNING_ALGORITHMS`), `RS256` by default.
    pub signing_algorithms: SigningAlgorithms,
    /// Ask for keys of this application's own (`AAD_APP_SIGNING_KEYS`), off by default.
    pub app_signing_keys: bool,
    /// Tolerated difference between clocks (`AAD_CLOCK_LEEWAY`), 60 s by default, at most 5 min.
    pub clock_leeway: Duration,
    /// Memory for verified bearer tokens in bytes (`AAD_TOKEN_CACHE`), 16 MiB by default; 0: none
    /// is kept, and each request is verified anew.
    pub token_cache: usize,
    /// Call the userinfo endpoint at sign-in (`AAD_USERINFO`), off by default.
    pub userinfo: bool,
    /// How the provider returns the response (`AAD_RESPONSE_MODE`), `query` by default.
    pub response_mode: ResponseMode,
    /// Audiences of bearer tokens (`AAD_API_AUDIENCE`): by default the client id and `api://` it.
    pub api_audiences: Vec<String>,
    /// Audiences that an ID or logout token may carry beside the client id
    /// (`AAD_TRUSTED_AUDIENCES`), none by default.
    pub trusted_audiences: Vec<String>,
    /// The claims that hold roles, in ID tokens, bearer tokens and userinfo (`AAD_ROLES_CLAIM`),
    /// `roles` by default.
    pub roles_claim: RolesClaim,
    /// Scopes asked for at sign-in (`AAD_SCOPES`).
    pub scopes: Vec<String>,
    /// Values of `domain_hint` that a link to sign-in may name (`AAD_DOMAIN_HINTS`), none by default.
    pub domain_hints: Vec<String>,
    /// Base of Microsoft Graph (`AAD_GRAPH_URL`): by default that of the cloud.
    pub graph_url: Option<Url>,
    /// Further trusted roots (`AAD_CA_FILE`), PEM.
    pub ca_file: Option<PathBuf>,
    /// Total deadline of one call to the provider (`AAD_PROVIDER_TIMEOUT`), 10 s by default.
    pub provider_timeout: Duration,
    /// The public base URL (`AAD_BASE_URL`).
    pub base_url: BaseUrl,
    /// Where the provider sends the browser back to, below the base URL (`AAD_REDIRECT_PATH`).
    pub redirect_path: String,
    /// Prefix of the crate's routes (`AAD_ROUTE_PREFIX`).
    pub route_prefix: String,
    /// Names of the two cookies.
    pub cookies: CookieNames,
    /// The application's secrets (`AAD_SESSION_SECRET`), newest first; empty: one is to be
    /// generated in the state folder.
    pub session_secrets: Vec<Secret>,
    /// Where sessions are kept (`AAD_SESSION_STORE`).
    pub session_store: Option<StoreUrl>,
    /// Folder of the embedded store and the generated secret (`AAD_STATE_DIR`).
    pub state_dir: Option<PathBuf>,
    /// A session ends after this time without a request (`AAD_SESSION_IDLE`), 8 h by default.
    pub session_idle: Duration,
    /// A session ends after this time in any case (`AAD_SESSION_MAX`), 24 h by default.
    pub session_max: Duration,
    /// How many sessions one user may have (`AAD_MAX_SESSIONS_PER_USER`), by default any number.
    pub max_sessions_per_user: Option<usize>,
    /// How often an active user is rechecked by a refresh (`AAD_RECHECK`), 1 h by default.
    pub recheck: Duration,
    /// Origins whose scripts may read 401 and 403 answers, and whose preflight requests guards answer
    /// (`AAD_CORS_ORIGINS`).
    pub cors_origins: Vec<String>,
}

/// How the client secret is sent (OpenID Connect Core 1.0 section 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// In the body.
    SecretPost,
    /// In the `Authorization` header (RFC 6749 section 2.3.1).
    SecretBasic,
}

impl ClientAuth {
    /// The name of the method: a value of `AAD_CLIENT_AUTH`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecretPost => "client_secret_post",
            Self::SecretBasic => "client_secret_basic",
        }
    }
}

/// How the authorization response reaches us (OAuth 2.0 Multiple Response Types; Form Post).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// As query parameters of a redirect.
    Query,
    /// As a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// The value of the `response_mode` parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::parse(&super::env::read())
    }

    /// Parses settings given by variable name.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used.
    pub fn parse(source: &Source) -> Result<Self, ConfigError> {
        parse::parse(source)
    }

    /// The redirect URI to register and to send.
    pub fn redirect_uri(&self) -> String {
        self.base_url.join(&self.redirect_path)
    }

    /// The post-logout redirect URI to register and to send.
    pub fn post_logout_redirect_uri(&self) -> String {
        self.base_url.join(&self.route("/post_sign_out"))
    }

    /// The path of one of the crate's routes, as the application sees it.
    pub fn route(&self, path: &str) -> String {
        format!("{}{path}", self.route_prefix)
    }

    /// Whether users of more than one tenant can sign in.
    pub fn is_multi_tenant(&self) -> bool {
        self.authority.is_multi_tenant()
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
