//! The one table of all variables: what parsing, its messages, README and `.env.example` agree on.

use super::{Problem, Source};

/// One variable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// What holds when it is not set, as README says it.
    pub default: &'static str,
    /// A value that is accepted.
    pub example: &'static str,
    /// Whether its value must not be shown, and may be read from the file that `<name>_FILE` names.
    pub secret: bool,
}

/// What a variable belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// Whom users sign in with, and as which application.
    Identity,
    /// Where the application is.
    Address,
    /// Sessions and where they are kept.
    Session,
    /// How users sign in.
    SignIn,
    /// Which tokens are accepted.
    Tokens,
    /// Calls to the provider and to APIs.
    Calls,
    /// A later version reads it; this one refuses it.
    Reserved,
}

const fn row(
    group: Group,
    name: &'static str,
    default: &'static str,
    example: &'static str,
) -> Setting {
    Setting {
        name,
        group,
        default,
        example,
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
    row(Identity, "AAD_TENANT_ID", "required, unless `AAD_AUTHORITY`", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"),
    row(Identity, "AAD_CLIENT_ID", "required", "00001111-aaaa-2222-bbbb-3333cccc4444"),
    secret(row(Identity, "AAD_CLIENT_SECRET", "required", "the secret's Value")),
    row(Identity, "AAD_CLIENT_SECRET_MAY_BE_GUID", "`false`", "true"),
    row(Identity, "AAD_CLIENT_AUTH", "what the provider offers and takes, post first", "client_secret_post"),
    row(Identity, "AAD_ALLOWED_TENANTS", "required with several tenants", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"),
    row(Identity, "AAD_AUTHORITY_HOST", "the global cloud", "https://login.microsoftonline.us"),
    row(Identity, "AAD_AUTHORITY", "–", "https://id.example.com"),
    row(Identity, "AAD_USER_FLOW", "required with a `b2clogin.com` host", "B2C_1_sign_in"),
    row(Identity, "AAD_USER_FLOW_EDIT_PROFILE", "no such route", "B2C_1_edit_profile"),
    row(Identity, "AAD_USER_FLOW_PASSWORD_RESET", "a page says that it cannot be done", "B2C_1_reset_password"),
    row(Identity, "AAD_ENDPOINT_HOSTS", "the authority's own and its cloud's", "oauth2.example.com,keys.example.com"),
    row(Address, "AAD_BASE_URL", "`http://localhost:<PORT>` on loopback, else required", "https://app.example.com"),
    row(Address, "AAD_REDIRECT_PATH", "`/auth/redirect`", "/auth/redirect"),
    row(Address, "AAD_ROUTE_PREFIX", "`/auth`", "/auth"),
    row(Address, "AAD_COOKIE_NAME", "`aad`", "my-app"),
    row(Address, "AAD_CORS_ORIGINS", "none", "https://spa.example.com"),
    secret(row(Session, "AAD_SESSION_SECRET", "generated on loopback, else required", "output of: openssl rand -base64 64 | tr -d '\\n'")),
    secret(row(Session, "AAD_SESSION_STORE", "a file in the state folder", "redis://127.0.0.1:6379/0")),
    row(Session, "AAD_STATE_DIR", "`$XDG_STATE_HOME/aad-auth`, else `~/.local/state/aad-auth` (macOS `~/Library/Application Support/aad-auth`, Windows `%LOCALAPPDATA%\\aad-auth`)", "/var/lib/my-app"),
    row(Session, "AAD_SESSION_IDLE", "`8h`", "8h"),
    row(Session, "AAD_SESSION_MAX", "`24h`", "24h"),
    row(Session, "AAD_MAX_SESSIONS_PER_USER", "any number", "10"),
    row(Session, "AAD_RECHECK", "`1h`", "1h"),
    row(SignIn, "AAD_SCOPES", "`openid profile email offline_access`; with `AAD_AUTHORITY` without `offline_access`", "openid profile email offline_access"),
    row(SignIn, "AAD_DOMAIN_HINTS", "none", "example.com,organizations"),
    row(SignIn, "AAD_RESPONSE_MODE", "`query`", "query"),
    row(SignIn, "AAD_USERINFO", "`false`", "true"),
    row(Tokens, "AAD_CLOCK_LEEWAY", "`60s`", "60s"),
    row(Tokens, "AAD_SIGNING_ALGORITHMS", "`RS256`", "RS256"),
    row(Tokens, "AAD_APP_SIGNING_KEYS", "`false`", "true"),
    row(Tokens, "AAD_API_AUDIENCE", "the client id and `api://` it", "api://00001111-aaaa-2222-bbbb-3333cccc4444"),
    row(Tokens, "AAD_TRUSTED_AUDIENCES", "none", "298471829374829"),
    row(Tokens, "AAD_ROLES_CLAIM", "`roles`", "realm_access.roles"),
    row(Tokens, "AAD_TOKEN_CACHE", "`16MiB`", "16MiB"),
    row(Calls, "AAD_CA_FILE", "none", "/etc/ssl/certs/company.pem"),
    row(Calls, "AAD_PROVIDER_TIMEOUT", "`10s`", "10s"),
    row(Calls, "AAD_GRAPH_URL", "that of the cloud", "https://graph.microsoft.com"),
    row(Reserved, "AAD_AUTHORIZE_PARAMETERS", "", ""),
    row(Reserved, "AAD_BASE_URLS", "", ""),
    row(Reserved, "AAD_CLIENT_CERTIFICATE", "", ""),
    secret(row(Reserved, "AAD_CLIENT_CERTIFICATE_PASSWORD", "", "")),
    row(Reserved, "AAD_FEDERATED_TOKEN_FILE", "", ""),
    row(Reserved, "AAD_MANAGED_IDENTITY", "", ""),
    row(Reserved, "AAD_TRUSTED_PROXIES", "", ""),
];

/// The row of a variable.
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// An example of what a variable may be.
pub(crate) fn example(name: &str) -> &'static str {
    setting(name).map_or("the real value", |setting| setting.example)
}

/// Every `AAD_*` variable that this version does not read: a misspelt name would otherwise leave its
/// default in force, in silence.
pub(super) fn unread(source: &Source) -> Vec<Problem> {
    source.names().filter_map(problem_of).collect()
}

fn problem_of(name: &str) -> Option<Problem> {
    let of_file = name.strip_suffix("_FILE").and_then(setting);
    let known = setting(name).or_else(|| of_file.filter(|setting| setting.secret));
    match known {
        _ if !name.starts_with("AAD_") || SWITCHES.contains(&name) => None,
        None if is_service_link(name) => None,
        Some(setting) if setting.group == Reserved => {
            let rule = "is not read by this version: remove it";
            Some(Problem::new(setting.name, rule, setting.example))
        }
        Some(_) => None,
        None => {
            let nearest = nearest(name)?;
            let rule = format!("is perhaps meant by {}, which is no setting", shown(name));
            Some(Problem::new(nearest.name, rule, nearest.example))
        }
    }
}

/// Kubernetes puts the addresses of each service of a namespace into its pods
/// (`enableServiceLinks`); a service named `aad-auth` makes `AAD_AUTH_SERVICE_HOST` and others. No
/// setting ends like these.
fn is_service_link(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.ends_with("_PORT")
    {
        return true;
    }
    let Some((_, port)) = name.rsplit_once("_PORT_") else {
        return false;
    };
    let mut parts = port.split('_');
    parts.next().is_some_and(digits)
        && matches!(parts.next(), Some("TCP" | "UDP" | "SCTP"))
        && matches!(parts.next(), None | Some("ADDR" | "PORT" | "PROTO"))
        && parts.next().is_none()
}

/// A name from outside, short and plain enough for a message.
fn shown(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    name.chars().filter(plain).take(64).collect()
}

/// The variable with the most similar name.
fn nearest(name: &str) -> Option<&'static Setting> {
    let readable = SETTINGS.iter().filter(|setting| setting.group != Reserved);
    let name = shown(name).to_ascii_uppercase();
    readable.min_by_key(|setting| strsim::damerau_levenshtein(setting.name, &name))
}

/// Switches of the tests of this workspace, which may stand in the environment beside settings.
const SWITCHES: [&str; 2] = ["AAD_SCREENSHOTS", "AAD_TEST_ALL"];

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str) -> Vec<Problem> {
        unread(&Source::new().with(name, "canary"))
    }

    #[test]
    fn r14_a_misspelt_variable_is_refused_and_the_right_one_named() {
        for (misspelt, right) in [
            ("AAD_SESION_MAX", "AAD_SESSION_MAX"),
            ("AAD_TENANTID", "AAD_TENANT_ID"),
            ("AAD_TENANT", "AAD_TENANT_ID"),
            ("AAD_CLIENTID", "AAD_CLIENT_ID"),
            ("AAD_CLIENT_SECRETS", "AAD_CLIENT_SECRET"),
            ("AAD_ALLOWED_TENANT", "AAD_ALLOWED_TENANTS"),
            ("AAD_BASEURL", "AAD_BASE_URL"),
            ("AAD_REDIRECT_URI", "AAD_REDIRECT_PATH"),
            ("AAD_SCOPE", "AAD_SCOPES"),
            ("AAD_RESPONSEMODE", "AAD_RESPONSE_MODE"),
            ("AAD_SESSION_STORE_URL", "AAD_SESSION_STORE"),
            ("AAD_client_id", "AAD_CLIENT_ID"),
            ("AAD_TENANT_ID_FILE", "AAD_TENANT_ID"),
        ] {
            let problems = problems(misspelt);
            assert_eq!(problems.len(), 1, "{misspelt}");
            assert_eq!(problems[0].variable, right, "{misspelt}");
            let text = problems[0].to_string();
            assert!(
                text.contains(misspelt) && !text.contains("canary"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_kubernetes_service_of_a_similar_name_stops_no_start() {
        for name in [
            "AAD_AUTH_SERVICE_HOST",
            "AAD_AUTH_SERVICE_PORT",
            "AAD_AUTH_SERVICE_PORT_HTTP",
            "AAD_AUTH_PORT",
            "AAD_AUTH_PORT_80_TCP",
            "AAD_AUTH_PORT_80_TCP_ADDR",
            "AAD_AUTH_PORT_53_UDP_PROTO",
        ] {
            assert!(problems(name).is_empty(), "{name}");
        }
        for name in [
            "AAD_AUTH_PORT_X_TCP",
            "AAD_AUTH_PORT_80_TCP_X",
            "AAD_SERVICE",
        ] {
            assert_eq!(problems(name).len(), 1, "{name}");
        }
        let taken = SETTINGS
            .iter()
            .find(|setting| is_service_link(setting.name));
        assert_eq!(taken, None);
    }

    #[test]
    fn r14_a_variable_of_another_version_is_refused() {
        for name in ["AAD_CLIENT_CERTIFICATE", "AAD_TRUSTED_PROXIES"] {
            let text = problems(name)[0].to_string();
            assert!(text.contains("not read by this version"), "{text}");
        }
    }

    #[test]
    fn known_variables_and_those_of_others_are_no_problem() {
        for setting in SETTINGS.iter().filter(|setting| setting.group != Reserved) {
            assert_eq!(problems(setting.name), [], "{}", setting.name);
            let file = format!("{}_FILE", setting.name);
            assert_eq!(problems(&file).is_empty(), setting.secret, "{file}");
        }
        for name in [
            "PORT",
            "HOME",
            "AZURE_AUTHORITY_HOST",
            "aad_tenant_id",
            "AAD_TEST_ALL",
        ] {
            assert_eq!(problems(name), [], "{name}");
        }
    }
}
