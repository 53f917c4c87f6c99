//! The application's addresses, and the names of its cookies.

use url::Url;

use crate::config_room::{
    Problem, Source,
    address::{BaseUrl, CookieNames, REDIRECT_PATH_TAKEN, is_free_redirect_path, is_plain_path},
    host::is_loopback,
    settings_reader::SettingsReader,
};

/// The settings of the group `Address`.
pub(super) struct AddressSettings<'a> {
    pub(super) base_url: Option<BaseUrl>,
    pub(super) route_prefix: String,
    pub(super) redirect_path: String,
    /// The beginning of the cookies' names. `None`: the default.
    pub(super) cookie_stem: Option<&'a str>,
    pub(super) cors_origins: Vec<String>,
}

impl<'a> AddressSettings<'a> {
    pub(super) fn read(reader: &mut SettingsReader<'a>) -> Self {
        let base_url = base_url(reader);
        let route_prefix = path(reader, "AAD_ROUTE_PREFIX", "/auth");
        let redirect_path = path(reader, "AAD_REDIRECT_PATH", "/auth/redirect");
        if !is_free_redirect_path(&redirect_path, &route_prefix) {
            reader.problem("AAD_REDIRECT_PATH", REDIRECT_PATH_TAKEN);
        }
        Self {
            base_url,
            route_prefix,
            redirect_path,
            cookie_stem: reader.parsed("AAD_COOKIE_NAME", CookieNames::check_stem),
            cors_origins: cors_origins(reader),
        }
    }
}

/// Variables that hosting platforms set. With one of them a listener on loopback does not mean that
/// only this machine reaches it.
const HOSTED: [&str; 3] = [
    "WEBSITE_SITE_NAME",
    "CONTAINER_APP_NAME",
    "KUBERNETES_SERVICE_HOST",
];

/// Whether the settings describe a developer's own machine: the listener (`HOST`) is on loopback, and
/// no hosting platform has set its variables.
///
/// ```
/// use aad_auth::config::{Source, is_local};
///
/// assert!(is_local(&Source::new().with("HOST", "127.0.0.1")));
/// assert!(!is_local(&Source::new().with("HOST", "0.0.0.0")));
/// ```
pub fn is_local(source: &Source) -> bool {
    let host = source.get("HOST").unwrap_or("localhost");
    let loopback = Url::parse(&format!("http://{host}/"))
        .or_else(|_| Url::parse(&format!("http://[{host}]/")))
        .is_ok_and(|url| is_loopback(&url));
    loopback && HOSTED.iter().all(|name| source.get(name).is_none())
}

fn base_url(reader: &mut SettingsReader<'_>) -> Option<BaseUrl> {
    if let Some(value) = reader.text("AAD_BASE_URL") {
        return reader.parsed("AAD_BASE_URL", |_| BaseUrl::parse(value));
    }
    if !is_local(reader.source()) {
        reader.problem(
            "AAD_BASE_URL",
            "must be the address under which browsers reach the application: the default \
             holds only while the listener is on loopback",
        );
        return None;
    }
    let tls = reader.source().get("TLS_CERT_FILE").is_some();
    let scheme = if tls { "https" } else { "http" };
    let port = reader.source().get("PORT").unwrap_or("5000");
    BaseUrl::parse(&format!("{scheme}://localhost:{port}"))
        .ok()
        .or_else(|| {
            reader.add(Problem::new("PORT", "must be a port number", "5000"));
            None
        })
}

fn path(reader: &mut SettingsReader<'_>, name: &'static str, default: &'static str) -> String {
    reader
        .parsed(name, |value| {
            if is_plain_path(value) {
                Ok(value.to_owned())
            } else {
                Err("must be a path of plain characters that starts with / and does not end with /")
            }
        })
        .unwrap_or_else(|| default.to_owned())
}

fn cors_origins(reader: &mut SettingsReader<'_>) -> Vec<String> {
    let origins = reader.list("AAD_CORS_ORIGINS");
    for origin in &origins {
        let exact =
            Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        if !exact {
            reader.problem(
                "AAD_CORS_ORIGINS",
                "must be origins (scheme, host and port, without a slash at the end) separated by \
                 commas; * is not possible with credentials",
            );
            return Vec::new();
        }
    }
    origins.into_iter().map(str::to_owned).collect()
}
