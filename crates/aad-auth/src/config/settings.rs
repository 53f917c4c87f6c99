//! The parsed configuration.

use std::{path::PathBuf, time::Duration};

use url::Url;

use super::{
    AllowedTenants, RolesClaim, SigningAlgorithms, StoreUrl,
    address::{BaseUrl, CookieNames},
    authority::{Authority, EndpointHosts},
};
use crate::secret::Secret;

/// How the application signs users in: all settings, parsed and checked. Immutable.
///
/// It comes from the environment ([`Config::from_env`]), from code ([`Config::entra`],
/// [`Config::oidc`]), or from a [`Source`](super::Source) ([`Config::parse`]). All ways have the same
/// settings and the same checks.
///
/// It has no `Debug`, because it holds secrets.
///
/// ```no_run
/// use aad_auth::{Auth, Config};
///
/// let config = Config::from_env()?;
/// println!("Register the redirect URI {}", config.redirect_uri());
/// let auth = Auth::builder(config).build()?;
/// # drop(auth);
/// # Ok::<_, aad_auth::StartError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The provider that users sign in with (`AAD_TENANT_ID` with `AAD_AUTHORITY_HOST`, or
    /// `AAD_AUTHORITY`).
    pub authority: Authority,
    /// The user flow in which users edit their profile (`AAD_USER_FLOW_EDIT_PROFILE`).
    pub edit_profile: Option<Authority>,
    /// The user flow in which users choose a new password (`AAD_USER_FLOW_PASSWORD_RESET`).
    pub password_reset: Option<Authority>,
    /// Hosts that metadata may name (`AAD_ENDPOINT_HOSTS` and the built-in ones).
    pub endpoint_hosts: EndpointHosts,
    /// The application (client) id (`AAD_CLIENT_ID`).
    pub client_id: String,
    /// The client secrets, in the order in which they are tried (`AAD_CLIENT_SECRET`). Never empty.
    pub client_secrets: Vec<Secret>,
    /// How the client secret is sent (`AAD_CLIENT_AUTH`). `None`: as the metadata offers.
    pub client_auth: Option<ClientAuth>,
    /// The tenants whose users may sign in (`AAD_ALLOWED_TENANTS`).
    pub allowed_tenants: AllowedTenants,
    /// Accepted signature algorithms (`AAD_SIGNING_ALGORITHMS`), `RS256` by default.
    pub signing_algorithms: SigningAlgorithms,
    /// Whether the application has signing keys of its own (`AAD_APP_SIGNING_KEYS`). Off by default.
    pub app_signing_keys: bool,
    /// The tolerated difference between clocks (`AAD_CLOCK_LEEWAY`): 60 s by default, at most 5 min.
    pub clock_leeway: Duration,
    /// Memory for verified bearer tokens, in bytes (`AAD_TOKEN_CACHE`), 16 MiB by default. With 0 every
    /// request verifies its token.
    pub token_cache: usize,
    /// Whether a sign-in calls the userinfo endpoint (`AAD_USERINFO`). Off by default.
    pub userinfo: bool,
    /// How the authorization response is sent (`AAD_RESPONSE_MODE`), `query` by default.
    pub response_mode: ResponseMode,
    /// Audiences of bearer tokens (`AAD_API_AUDIENCE`): by default the client id, and `api://` before it.
    pub api_audiences: Vec<String>,
    /// Audiences that an ID or logout token may carry beside the client id
    /// (`AAD_TRUSTED_AUDIENCES`), none by default.
    pub trusted_audiences: Vec<String>,
    /// The claims that hold roles, in ID tokens, bearer tokens and userinfo (`AAD_ROLES_CLAIM`),
    /// `roles` by default.
    pub roles_claim: RolesClaim,
    /// The scopes of the authorization request (`AAD_SCOPES`).
    pub scopes: Vec<String>,
    /// Values of `domain_hint` that a link to sign-in may name (`AAD_DOMAIN_HINTS`), none by default.
    pub domain_hints: Vec<String>,
    /// The base of Microsoft Graph, without its version (`AAD_GRAPH_URL`). `None`: that of the cloud.
    pub graph_url: Option<Url>,
    /// A PEM file of further trusted root certificates (`AAD_CA_FILE`).
    pub ca_file: Option<PathBuf>,
    /// The total deadline of one call to the provider (`AAD_PROVIDER_TIMEOUT`), 10 s by default.
    pub provider_timeout: Duration,
    /// The public base URL (`AAD_BASE_URL`).
    pub base_url: BaseUrl,
    /// The path of the redirect URI, below the base URL (`AAD_REDIRECT_PATH`).
    pub redirect_path: String,
    /// The prefix of the crate's routes (`AAD_ROUTE_PREFIX`).
    pub route_prefix: String,
    /// The names of the cookies (`AAD_COOKIE_NAME` is their beginning).
    pub cookies: CookieNames,
    /// The secrets that seal sessions (`AAD_SESSION_SECRET`), newest first. Empty: one is generated in
    /// the state folder.
    pub session_secrets: Vec<Secret>,
    /// The session store (`AAD_SESSION_STORE`). `None`: a file in the state folder.
    pub session_store: Option<StoreUrl>,
    /// The folder of the embedded store and of the generated secret (`AAD_STATE_DIR`). `None` where no
    /// setting names one.
    pub state_dir: Option<PathBuf>,
    /// The idle timeout: a session ends after this time without a request (`AAD_SESSION_IDLE`), 8 h by
    /// default.
    pub session_idle: Duration,
    /// The absolute timeout: a session ends after this time (`AAD_SESSION_MAX`), 24 h by default.
    pub session_max: Duration,
    /// The most sessions of one user (`AAD_MAX_SESSIONS_PER_USER`). `None`: no limit.
    pub max_sessions_per_user: Option<usize>,
    /// How often a refresh rechecks an active user (`AAD_RECHECK`), 1 h by default.
    pub recheck: Duration,
    /// Origins whose scripts may read 401 and 403 answers, and whose preflight requests guards answer
    /// (`AAD_CORS_ORIGINS`).
    pub cors_origins: Vec<String>,
}

/// How the client secret is sent (OpenID Connect Core 1.0 section 9).
///
/// ```
/// use aad_auth::config::{ClientAuth, Config};
///
/// let builder = Config::oidc("https://id.example.com", "my-app")
///     .client_auth(ClientAuth::SecretPost);
/// # drop(builder);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// In the body: `client_secret_post`.
    SecretPost,
    /// In the `Authorization` header (RFC 6749 section 2.3.1): `client_secret_basic`.
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

/// How the authorization response reaches the application (OAuth 2.0 Multiple Response Types; Form Post).
///
/// ```
/// use aad_auth::config::{Config, ResponseMode};
///
/// let builder = Config::oidc("https://id.example.com", "my-app")
///     .response_mode(ResponseMode::Query);
/// # drop(builder);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// As query parameters of a redirect: `query`.
    Query,
    /// As a form that the browser posts: `form_post`.
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
