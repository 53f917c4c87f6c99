//! The one table of all variables. Parsing, its messages, the builder, README and `.env.example` agree
//! on it.

/// One variable of the crate.
///
/// See [`setting()`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name, such as `AAD_SESSION_IDLE`.
    pub name: &'static str,
    /// The group of settings that it belongs to.
    pub group: Group,
    /// Its method of [`ConfigBuilder`](super::ConfigBuilder), such as `session_idle`; for `tenant`,
    /// `issuer` and `client_id` the parameter of [`Config::entra`](super::Config::entra) and
    /// [`Config::oidc`](super::Config::oidc). `None` for variables that this version does not read.
    pub method: Option<&'static str>,
    /// The default, as README says it. "required" where there is none.
    pub default: &'static str,
    /// An accepted value.
    pub example: &'static str,
    /// Whether its value must not be shown, and may be read from the file that `<name>_FILE` names.
    pub secret: bool,
}

/// The groups of settings, in the order of the documentation.
///
/// See [`setting()`] for an example.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// The provider, and the application's registration there.
    Identity,
    /// The application's addresses, and the names of its cookies.
    Address,
    /// Sessions and their store.
    Session,
    /// The authorization request.
    SignIn,
    /// The validation of tokens.
    Tokens,
    /// Calls to the provider and to downstream APIs.
    Calls,
    /// Variables of a later version. This version refuses them.
    Reserved,
}

const fn row(
    group: Group,
    name: &'static str,
    method: &'static str,
    default: &'static str,
    example: &'static str,
) -> Setting {
    Setting {
        name,
        group,
        method: Some(method),
        default,
        example,
        secret: false,
    }
}

const fn reserved(name: &'static str) -> Setting {
    Setting {
        name,
        group: Reserved,
        method: None,
        default: "",
        example: "",
        secret: false,
    }
}

const fn secret(mut setting: Setting) -> Setting {
    setting.secret = true;
    setting
}

use Group::{Address, Calls, Identity, Reserved, Session, SignIn, Tokens};

/// Every variable of the crate.
#[rustfmt::skip] // One line a row: a table is read down its columns.
pub const SETTINGS: &[Setting] = &[
    row(Identity, "AAD_TENANT_ID", "tenant", "required, unless `AAD_AUTHORITY`", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"),
    row(Identity, "AAD_CLIENT_ID", "client_id", "required", "00001111-aaaa-2222-bbbb-3333cccc4444"),
    secret(row(Identity, "AAD_CLIENT_SECRET", "client_secret", "required", "the secret's Value")),
    row(Identity, "AAD_CLIENT_SECRET_MAY_BE_GUID", "client_secret_may_be_guid", "`false`", "true"),
    row(Identity, "AAD_CLIENT_AUTH", "client_auth", "what the provider offers and takes, post first", "client_secret_post"),
    row(Identity, "AAD_ALLOWED_TENANTS", "allowed_tenants", "required with several tenants", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"),
    row(Identity, "AAD_AUTHORITY_HOST", "authority_host", "the global cloud", "https://login.microsoftonline.us"),
    row(Identity, "AAD_AUTHORITY", "issuer", "–", "https://id.example.com"),
    row(Identity, "AAD_USER_FLOW", "user_flow", "required with a `b2clogin.com` host", "B2C_1_sign_in"),
    row(Identity, "AAD_USER_FLOW_EDIT_PROFILE", "user_flow_edit_profile", "no such route", "B2C_1_edit_profile"),
    row(Identity, "AAD_USER_FLOW_PASSWORD_RESET", "user_flow_password_reset", "a page says that it cannot be done", "B2C_1_reset_password"),
    row(Identity, "AAD_ENDPOINT_HOSTS", "endpoint_hosts", "the authority's own and its cloud's", "oauth2.example.com,keys.example.com"),
    row(Address, "AAD_BASE_URL", "base_url", "`http://localhost:<PORT>` on loopback, else required", "https://app.example.com"),
    row(Address, "AAD_REDIRECT_PATH", "redirect_path", "`/auth/redirect`", "/auth/redirect"),
    row(Address, "AAD_ROUTE_PREFIX", "route_prefix", "`/auth`", "/auth"),
    row(Address, "AAD_COOKIE_NAME", "cookie_name", "`aad`", "my-app"),
    row(Address, "AAD_CORS_ORIGINS", "cors_origins", "none", "https://spa.example.com"),
    secret(row(Session, "AAD_SESSION_SECRET", "session_secret", "generated on loopback, else required", "output of: openssl rand -base64 64 | tr -d '\\n'")),
    secret(row(Session, "AAD_SESSION_STORE", "session_store", "a file in the state folder", "redis://127.0.0.1:6379/0")),
    row(Session, "AAD_STATE_DIR", "state_dir", "`$XDG_STATE_HOME/aad-auth`, else `~/.local/state/aad-auth` (macOS `~/Library/Application Support/aad-auth`, Windows `%LOCALAPPDATA%\\aad-auth`)", "/var/lib/my-app"),
    row(Session, "AAD_SESSION_IDLE", "session_idle", "`8h`", "8h"),
    row(Session, "AAD_SESSION_MAX", "session_max", "`24h`", "24h"),
    row(Session, "AAD_MAX_SESSIONS_PER_USER", "max_sessions_per_user", "any number", "10"),
    row(Session, "AAD_RECHECK", "recheck", "`1h`", "1h"),
    row(SignIn, "AAD_SCOPES", "scopes", "`openid profile email offline_access`; with `AAD_AUTHORITY` without `offline_access`", "openid profile email offline_access"),
    row(SignIn, "AAD_DOMAIN_HINTS", "domain_hints", "none", "example.com,organizations"),
    row(SignIn, "AAD_RESPONSE_MODE", "response_mode", "`query`", "query"),
    row(SignIn, "AAD_USERINFO", "userinfo", "`false`", "true"),
    row(Tokens, "AAD_CLOCK_LEEWAY", "clock_leeway", "`60s`", "60s"),
    row(Tokens, "AAD_SIGNING_ALGORITHMS", "signing_algorithms", "`RS256`", "RS256"),
    row(Tokens, "AAD_APP_SIGNING_KEYS", "app_signing_keys", "`false`", "true"),
    row(Tokens, "AAD_API_AUDIENCE", "api_audience", "the client id and `api://` it", "api://00001111-aaaa-2222-bbbb-3333cccc4444"),
    row(Tokens, "AAD_TRUSTED_AUDIENCES", "trusted_audiences", "none", "298471829374829"),
    row(Tokens, "AAD_ROLES_CLAIM", "roles_claim", "`roles`", "realm_access.roles"),
    row(Tokens, "AAD_TOKEN_CACHE", "token_cache", "`16MiB`", "16MiB"),
    row(Calls, "AAD_CA_FILE", "ca_file", "none", "/etc/ssl/certs/company.pem"),
    row(Calls, "AAD_PROVIDER_TIMEOUT", "provider_timeout", "`10s`", "10s"),
    row(Calls, "AAD_GRAPH_URL", "graph_url", "that of the cloud", "https://graph.microsoft.com"),
    reserved("AAD_AUTHORIZE_PARAMETERS"),
    reserved("AAD_BASE_URLS"),
    reserved("AAD_CLIENT_CERTIFICATE"),
    secret(reserved("AAD_CLIENT_CERTIFICATE_PASSWORD")),
    reserved("AAD_FEDERATED_TOKEN_FILE"),
    reserved("AAD_MANAGED_IDENTITY"),
    reserved("AAD_TRUSTED_PROXIES"),
];

/// The row of a variable. `None` for a name that is not in the table.
///
/// ```
/// use aad_auth::config::{Group, setting};
///
/// let row = setting("AAD_SESSION_IDLE");
/// assert!(row.is_some_and(|row| row.group == Group::Session && !row.secret));
/// assert_eq!(setting("SHOP_CURRENCY"), None);
/// ```
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// An accepted value of a variable.
pub(super) fn example(name: &str) -> &'static str {
    setting(name).map_or("the real value", |setting| setting.example)
}
