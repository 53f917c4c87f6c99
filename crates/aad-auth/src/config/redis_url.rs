//! The address of a Redis store: one server, a cluster, or sentinels that name the primary.

use url::Url;

use super::BadStoreUrl;
#[cfg(feature = "redis")]
use crate::secret::ExposeSecret;
use crate::secret::Secret;

/// A parsed `redis://`, `redis+cluster://` or `redis+sentinel://` address; `rediss` is the same with
/// TLS.
#[derive(Clone)]
#[cfg_attr(
    not(feature = "redis"),
    expect(
        dead_code,
        reason = "only the store reads it; without the feature it is only checked"
    )
)]
pub(crate) struct RedisUrl {
    /// Whether every connection uses TLS.
    pub(crate) tls: bool,
    /// User and password as in the URL, percent-encoded, without the `@`.
    pub(crate) credentials: Option<Secret>,
    /// The server, some nodes of the cluster, or the sentinels. Never empty.
    pub(crate) hosts: Vec<RedisHost>,
    /// What the hosts are.
    pub(crate) kind: RedisKind,
}

/// What the hosts of a [`RedisUrl`] are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum RedisKind {
    /// One server, or one name that always resolves to the primary.
    Server { database: u16 },
    /// Nodes of a cluster, which has database 0 only.
    Cluster,
    /// Sentinels, which name the primary of `service`.
    Sentinel { service: String, database: u16 },
}

/// A host and its port.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct RedisHost {
    /// A name or an IP address, without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl RedisUrl {
    /// Whether `text` has a scheme of Redis.
    pub(crate) fn has_scheme(text: &str) -> bool {
        split_scheme(text).is_some()
    }

    /// Parses an address.
    pub(crate) fn parse(text: &str) -> Result<Self, BadStoreUrl> {
        let (tls, scheme, rest) = split_scheme(text).ok_or(BadStoreUrl::Unknown)?;
        if rest.contains(['?', '#']) {
            return Err(BadStoreUrl::Query);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        if let Some(credentials) = credentials {
            check_credentials(credentials)?;
        }
        Ok(Self {
            tls,
            credentials: credentials.map(Secret::from),
            hosts: read_hosts(scheme, hosts)?,
            kind: read_kind(scheme, path)?,
        })
    }

    /// The address of the server at `host`, for the client library.
    #[cfg(feature = "redis")]
    pub(crate) fn of_server(&self, host: &RedisHost) -> Secret {
        let database = match self.kind {
            RedisKind::Server { database } | RedisKind::Sentinel { database, .. } => database,
            RedisKind::Cluster => 0,
        };
        self.of(host, true, database)
    }

    /// The address of the sentinel at `host`. Sentinels have no databases.
    #[cfg(feature = "redis")]
    pub(crate) fn of_sentinel(&self, host: &RedisHost, credentials: bool) -> Secret {
        self.of(host, credentials, 0)
    }

    #[cfg(feature = "redis")]
    fn of(&self, host: &RedisHost, credentials: bool, database: u16) -> Secret {
        let scheme = if self.tls { "rediss" } else { "redis" };
        let credentials = match self.credentials.as_ref().filter(|_| credentials) {
            Some(secret) => format!("{}@", secret.expose_secret()),
            None => String::new(),
        };
        Secret::from(format!("{scheme}://{credentials}{host}/{database}"))
    }
}

/// `host:port`, with an IPv6 address in brackets, as in a URL.
impl std::fmt::Display for RedisHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The suffix of the scheme: none, `+cluster` or `+sentinel`.
#[derive(Clone, Copy, Eq, PartialEq)]
enum RedisScheme {
    Server,
    Cluster,
    Sentinel,
}

/// Whether the scheme asks for TLS, what it says of the hosts, and the rest of the address.
fn split_scheme(text: &str) -> Option<(bool, RedisScheme, &str)> {
    let (name, rest) = text.split_once("://")?;
    let (base, scheme) = match name.split_once('+') {
        None => (name, RedisScheme::Server),
        Some((base, "cluster")) => (base, RedisScheme::Cluster),
        Some((base, "sentinel")) => (base, RedisScheme::Sentinel),
        Some(_) => return None,
    };
    match base {
        "redis" => Some((false, scheme, rest)),
        "rediss" => Some((true, scheme, rest)),
        _ => None,
    }
}

/// Refuses credentials that the client library cannot parse, such as a `/` that is not percent-encoded.
fn check_credentials(credentials: &str) -> Result<(), BadStoreUrl> {
    match Url::parse(&format!("redis://{credentials}@host/")) {
        Ok(url) if url.host_str() == Some("host") => Ok(()),
        _ => Err(BadStoreUrl::NotAUrl),
    }
}

fn read_hosts(scheme: RedisScheme, text: &str) -> Result<Vec<RedisHost>, BadStoreUrl> {
    let default_port = match scheme {
        RedisScheme::Sentinel => 26379,
        RedisScheme::Server | RedisScheme::Cluster => 6379,
    };
    let hosts = text.split(',').map(|host| read_host(host, default_port));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    match hosts.len() {
        1 => Ok(hosts),
        2..=MAX_HOSTS if scheme != RedisScheme::Server => Ok(hosts),
        _ => Err(BadStoreUrl::SeveralHosts),
    }
}

fn read_host(text: &str, default_port: u16) -> Result<RedisHost, BadStoreUrl> {
    if text.is_empty() {
        return Err(BadStoreUrl::NoHost);
    }
    let url = Url::parse(&format!("redis://{text}/")).map_err(|_| BadStoreUrl::NotAUrl)?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or(BadStoreUrl::NoHost)?;
    Ok(RedisHost {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(default_port),
    })
}

fn read_kind(scheme: RedisScheme, path: &str) -> Result<RedisKind, BadStoreUrl> {
    match scheme {
        RedisScheme::Server => Ok(RedisKind::Server {
            database: read_database(path)?,
        }),
        RedisScheme::Cluster if matches!(path, "" | "0") => Ok(RedisKind::Cluster),
        RedisScheme::Cluster => Err(BadStoreUrl::ClusterDatabase),
        RedisScheme::Sentinel => {
            let (service, database) = path.split_once('/').unwrap_or((path, ""));
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if service.is_empty() || !service.chars().all(plain) {
                return Err(BadStoreUrl::NoService);
            }
            Ok(RedisKind::Sentinel {
                service: service.to_owned(),
                database: read_database(database)?,
            })
        }
    }
}

fn read_database(path: &str) -> Result<u16, BadStoreUrl> {
    if path.is_empty() {
        return Ok(0);
    }
    path.parse().map_err(|_| BadStoreUrl::NotADatabase)
}

/// A client needs one address that answers. 16 cover every real cluster.
const MAX_HOSTS: usize = 16;

#[cfg(test)]
#[path = "redis_url_tests.rs"]
mod tests;
