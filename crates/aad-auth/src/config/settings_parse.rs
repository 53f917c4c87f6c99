//! From variables to settings: one function for each group that belongs together.

use std::{path::PathBuf, time::Duration};

use url::Url;

use super::{
    AllowedTenants, Authority, AuthoritySettings, BaseUrl, ClientAuth, Config, ConfigError,
    CookieNames, EndpointHosts, ResponseMode, SigningAlgorithms, Source,
    domain_hints::check_domain_hints,
    instance::{instance_name, is_plain_path},
    is_loopback,
    source::Reader,
};
use crate::secret::Secret;

/// Parses every variable, and reports every problem at once.
pub(super) fn parse(source: &Source) -> Result<Config, ConfigError> {
    let mut reader = Reader::new(source);
    let authority = authority(&mut reader);
    let client = client(&mut reader);
    let base_url = base_url(&mut reader);
    let config = parse_rest(&mut reader, authority, client, base_url);
    reader.finish(config)
}

type Client = (String, Vec<Secret>);

fn parse_rest(
    reader: &mut Reader<'_>,
    authority: Option<(Authority, EndpointHosts)>,
    client: Option<Client>,
    base_url: Option<BaseUrl>,
) -> Option<Config> {
    let signing_in = authority.as_ref().map(|(authority, _)| authority);
    let edit_profile = further_user_flow(reader, signing_in, "AAD_USER_FLOW_EDIT_PROFILE");
    let password_reset = further_user_flow(reader, signing_in, "AAD_USER_FLOW_PASSWORD_RESET");
    let allowed_tenants = allowed_tenants(reader, authority.as_ref().map(|(a, _)| a));
    let algorithms = reader
        .text("AAD_SIGNING_ALGORITHMS")
        .and_then(|value| reader.accept(SigningAlgorithms::parse(value)))
        .unwrap_or_default();
    let route_prefix = path(reader, "AAD_ROUTE_PREFIX", "/auth");
    let redirect_path = path(reader, "AAD_REDIRECT_PATH", "/auth/redirect");
    let scopes = scopes(reader);
    let domain_hints = reader.list("AAD_DOMAIN_HINTS");
    let domain_hints = reader
        .accept(check_domain_hints(domain_hints))
        .unwrap_or_default();
    let cookie_stem = reader.parsed("AAD_COOKIE_NAME", "my-app", CookieNames::check_stem);
    let secrets = session_secrets(reader, base_url.as_ref());
    let (idle, max, recheck) = limits(reader);
    let audiences = reader.list("AAD_API_AUDIENCE");
    let audiences = audiences.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let client_auth = reader.parsed("AAD_CLIENT_AUTH", "client_secret_post", client_auth);
    let response_mode = reader.parsed("AAD_RESPONSE_MODE", "query", response_mode);
    let graph_url = reader.parsed("AAD_GRAPH_URL", "https://graph.microsoft.com", graph_url);
    let per_user = reader.parsed("AAD_MAX_SESSIONS_PER_USER", "10", |value| {
        match value.parse::<usize>() {
            Ok(number) if (1..=10_000).contains(&number) => Ok(number),
            _ => Err("must be a number from 1 to 10000"),
        }
    });
    let timeout = reader.duration(
        "AAD_PROVIDER_TIMEOUT",
        "10s",
        Duration::from_secs(10),
        Duration::from_secs(1)..=Duration::from_secs(60),
    );
    let leeway = reader.duration(
        "AAD_CLOCK_LEEWAY",
        "60s",
        Duration::from_secs(60),
        Duration::ZERO..=Duration::from_secs(300),
    );
    let token_cache = reader.parsed("AAD_TOKEN_CACHE", "16MiB", token_cache);
    let cors_origins = cors_origins(reader);
    let app_signing_keys = reader.flag("AAD_APP_SIGNING_KEYS");
    let userinfo = reader.flag("AAD_USERINFO");
    let session_store = reader.text("AAD_SESSION_STORE").map(Secret::from);
    let state_dir = state_dir(reader);
    let ca_file = reader.text("AAD_CA_FILE").map(PathBuf::from);
    let (authority, endpoint_hosts) = authority?;
    let (client_id, client_secrets) = client?;
    let base_url = base_url?;
    Some(Config {
        api_audiences: if audiences.is_empty() {
            vec![client_id.clone(), format!("api://{client_id}")]
        } else {
            audiences
        },
        cookies: CookieNames::new(
            &base_url,
            cookie_stem,
            instance_name(&route_prefix).as_deref(),
        ),
        authority,
        edit_profile,
        password_reset,
        endpoint_hosts,
        client_id,
        client_secrets,
        client_auth,
        allowed_tenants,
        signing_algorithms: algorithms,
        app_signing_keys,
        clock_leeway: leeway,
        token_cache: token_cache.unwrap_or(DEFAULT_TOKEN_CACHE),
        userinfo,
        response_mode: response_mode.unwrap_or(ResponseMode::Query),
        scopes,
        domain_hints,
        graph_url,
        ca_file,
        provider_timeout: timeout,
        base_url,
        redirect_path,
        route_prefix,
        session_secrets: secrets,
        session_store,
        state_dir,
        session_idle: idle,
        session_max: max,
        max_sessions_per_user: per_user,
        recheck,
        cors_origins,
    })
}

fn authority(reader: &mut Reader<'_>) -> Option<(Authority, EndpointHosts)> {
    let authority = reader.text("AAD_AUTHORITY");
    // Workload identity injects the host of the cloud; it says nothing beside AAD_AUTHORITY.
    let injected = match authority {
        Some(_) => None,
        None => reader.text("AZURE_AUTHORITY_HOST"),
    };
    let settings = AuthoritySettings {
        tenant_id: reader.text("AAD_TENANT_ID"),
        authority_host: reader.text("AAD_AUTHORITY_HOST").or(injected),
        authority,
        user_flow: reader.text("AAD_USER_FLOW"),
    };
    let hosts = reader.text("AAD_ENDPOINT_HOSTS");
    match settings.build() {
        Ok(authority) => {
            let own = authority.endpoint_hosts();
            let hosts = match hosts {
                Some(list) => reader.accept(own.with_further(list))?,
                None => own,
            };
            Some((authority, hosts))
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| reader.add(problem));
            None
        }
    }
}

/// Another user flow of the authority for signing in.
fn further_user_flow(
    reader: &mut Reader<'_>,
    authority: Option<&Authority>,
    variable: &'static str,
) -> Option<Authority> {
    let policy = reader.text(variable)?;
    reader.accept(authority?.with_user_flow(variable, policy))
}

fn client(reader: &mut Reader<'_>) -> Option<Client> {
    let id = reader.text("AAD_CLIENT_ID");
    let printable = |id: &str| id.len() <= 256 && id.bytes().all(|b| b.is_ascii_graphic());
    if id.is_none_or(|id| !printable(id)) {
        reader.problem(
            "AAD_CLIENT_ID",
            "must be the application (client) id from the registration's overview page",
            "00001111-aaaa-2222-bbbb-3333cccc4444",
        );
    }
    let secrets: Vec<_> = reader.list("AAD_CLIENT_SECRET");
    if secrets.is_empty() {
        reader.problem(
            "AAD_CLIENT_SECRET",
            "must be the Value (not the Secret ID) of a client secret of the registration, or a \
             comma-separated list of them; AAD_CLIENT_SECRET_FILE names a file that holds it",
            "the secret's Value",
        );
    }
    let id = id.filter(|id| printable(id))?.to_owned();
    (!secrets.is_empty()).then(|| (id, secrets.into_iter().map(Secret::from).collect()))
}

/// `AAD_STATE_DIR`, else the user's own state folder (XDG Base Directory specification).
fn state_dir(reader: &mut Reader<'_>) -> Option<PathBuf> {
    if let Some(folder) = reader.text("AAD_STATE_DIR") {
        return Some(PathBuf::from(folder));
    }
    default_state_dir(reader.source())
}

/// The folder for what has to outlive the process, where `AAD_STATE_DIR` is not set: in the user's
/// own state folder (XDG Base Directory specification).
pub fn default_state_dir(source: &Source) -> Option<PathBuf> {
    let state = source.get("XDG_STATE_HOME").map(PathBuf::from);
    let home = source
        .get("HOME")
        .map(|home| PathBuf::from(home).join(".local/state"));
    Some(state.or(home)?.join("aad-auth"))
}

/// Variables that hosting platforms set: with one of them, "the listener is on loopback" says
/// nothing about who reaches it.
const HOSTED: [&str; 3] = [
    "WEBSITE_SITE_NAME",
    "CONTAINER_APP_NAME",
    "KUBERNETES_SERVICE_HOST",
];

/// Whether the settings describe a developer's own machine: the listener is on loopback and no
/// hosting platform has set its variables.
pub fn is_local(source: &Source) -> bool {
    let host = source.get("HOST").unwrap_or("localhost");
    let loopback = Url::parse(&format!("http://{host}/"))
        .or_else(|_| Url::parse(&format!("http://[{host}]/")))
        .is_ok_and(|url| is_loopback(&url));
    loopback && HOSTED.iter().all(|name| source.get(name).is_none())
}

fn base_url(reader: &mut Reader<'_>) -> Option<BaseUrl> {
    const EXAMPLE: &str = "https://app.example.com";
    if let Some(value) = reader.text("AAD_BASE_URL") {
        return reader.parsed("AAD_BASE_URL", EXAMPLE, |_| BaseUrl::parse(value));
    }
    if !is_local(reader.source()) {
        reader.problem(
            "AAD_BASE_URL",
            "must be the address under which browsers reach the application: it can be guessed \
             only while the listener is on loopback",
            EXAMPLE,
        );
        return None;
    }
    let tls = reader.source().get("TLS_CERT_FILE").is_some();
    let scheme = if tls { "https" } else { "http" };
    let port = reader.source().get("PORT").unwrap_or("5000");
    BaseUrl::parse(&format!("{scheme}://localhost:{port}"))
        .ok()
        .or_else(|| {
            reader.problem("PORT", "must be a port number", "5000");
            None
        })
}

fn allowed_tenants(reader: &mut Reader<'_>, authority: Option<&Authority>) -> AllowedTenants {
    match reader.text("AAD_ALLOWED_TENANTS") {
        Some(value) => reader.accept(AllowedTenants::parse(value)),
        None => {
            if authority.is_some_and(Authority::is_multi_tenant) {
                reader.problem(
                    "AAD_ALLOWED_TENANTS",
                    "must list the tenants whose users may sign in, since AAD_TENANT_ID lets in \
                     more than one; * lets every tenant in",
                    "f645ad92-e38d-4d1a-b510-d1b09a74a8ca",
                );
            }
            None
        }
    }
    .unwrap_or(AllowedTenants::Any)
}

fn path(reader: &mut Reader<'_>, name: &'static str, default: &'static str) -> String {
    reader
        .parsed(name, default, |value| {
            if is_plain_path(value) {
                Ok(value.to_owned())
            } else {
                Err("must be a path of plain characters that starts with / and does not end with /")
            }
        })
        .unwrap_or_else(|| default.to_owned())
}

fn scopes(reader: &mut Reader<'_>) -> Vec<String> {
    const DEFAULT: &str = "openid profile email offline_access";
    let scopes = reader.parsed("AAD_SCOPES", DEFAULT, |value| {
        let scopes: Vec<_> = value.split([' ', ',']).filter(|s| !s.is_empty()).collect();
        // RFC 6749 appendix A.4 (scope-token).
        let valid = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if !scopes.contains(&"openid") {
            Err("must contain openid: without it there is no ID token")
        } else if !scopes.iter().all(|scope| scope.bytes().all(valid)) {
            Err("must be scope names separated by spaces")
        } else {
            Ok(scopes)
        }
    });
    let scopes = scopes.unwrap_or_else(|| DEFAULT.split(' ').collect());
    scopes.into_iter().map(str::to_owned).collect()
}

fn session_secrets(reader: &mut Reader<'_>, base_url: Option<&BaseUrl>) -> Vec<Secret> {
    const HOW: &str = "output of: openssl rand -base64 64 | tr -d '\\n'";
    let values = reader.list("AAD_SESSION_SECRET");
    if values.is_empty() && base_url.is_some_and(|base| !base.is_loopback()) {
        reader.problem(
            "AAD_SESSION_SECRET",
            "must be base64 of 64 random bytes, the same on every instance; one is generated for \
             a loopback base URL only",
            HOW,
        );
    }
    if values.iter().any(|value| !is_strong(value)) {
        reader.problem(
            "AAD_SESSION_SECRET",
            "must be base64 of at least 64 random bytes; several, newest first, separated by commas",
            HOW,
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

fn limits(reader: &mut Reader<'_>) -> (Duration, Duration, Duration) {
    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);
    let idle = reader.duration("AAD_SESSION_IDLE", "8h", HOUR * 8, MINUTE..=HOUR * 24 * 90);
    let max = reader.duration("AAD_SESSION_MAX", "24h", HOUR * 24, MINUTE..=HOUR * 24 * 90);
    let recheck = reader.duration("AAD_RECHECK", "1h", HOUR, MINUTE..=HOUR * 24);
    if idle > max {
        reader.problem(
            "AAD_SESSION_IDLE",
            "must not be longer than AAD_SESSION_MAX (24 h by default)",
            "8h",
        );
    }
    (idle, max, recheck)
}

fn cors_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let origins = reader.list("AAD_CORS_ORIGINS");
    for origin in &origins {
        let exact =
            Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        if !exact {
            reader.problem(
                "AAD_CORS_ORIGINS",
                "must be origins (scheme, host and port, without a slash at the end) separated by \
                 commas; * is not possible with credentials",
                "https://spa.example.com",
            );
            return Vec::new();
        }
    }
    origins.into_iter().map(str::to_owned).collect()
}

fn client_auth(value: &str) -> Result<ClientAuth, &'static str> {
    match value {
        "client_secret_post" => Ok(ClientAuth::SecretPost),
        "client_secret_basic" => Ok(ClientAuth::SecretBasic),
        _ => Err("must be client_secret_post or client_secret_basic"),
    }
}

fn response_mode(value: &str) -> Result<ResponseMode, &'static str> {
    match value {
        "query" => Ok(ResponseMode::Query),
        "form_post" => Ok(ResponseMode::FormPost),
        _ => Err("must be query or form_post"),
    }
}

const DEFAULT_TOKEN_CACHE: usize = 16 << 20;

/// Bytes, with `KiB` or `MiB` behind if need be. Less than a handful of tokens would only cost.
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

fn graph_url(value: &str) -> Result<Url, &'static str> {
    let url = Url::parse(value).map_err(|_| "must be an absolute URL")?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if allowed && url.query().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("must be https (http on loopback only), without query and fragment")
    }
}
