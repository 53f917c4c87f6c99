//! The address of a Redis store: one server, a cluster, or a primary that Sentinel names.

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
        reason = "the store alone reads it; here it is only checked"
    )
)]
pub(crate) struct RedisUrl {
    /// Whether every connection uses TLS.
    pub(crate) tls: bool,
    /// User and password as they stand in the URL, percent-encoded, without the `@`.
    pub(crate) credentials: Option<Secret>,
    /// Where to begin: the server, some nodes of the cluster, or the sentinels. Never empty.
    pub(crate) hosts: Vec<RedisHost>,
    /// What stands behind the hosts.
    pub(crate) kind: RedisKind,
}

/// What stands behind the hosts of a [`RedisUrl`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum RedisKind {
    /// One server, or one name that always leads to the primary.
    Server { database: u16 },
    /// A cluster, which has database 0 alone.
    Cluster,
    /// Sentinels, which know the primary of `service`.
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
    /// Whether `text` has the scheme of such an address.
    pub(crate) fn is_meant(text: &str) -> bool {
        scheme(text).is_some()
    }

    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, BadStoreUrl> {
        let (tls, form, rest) = scheme(text).ok_or(BadStoreUrl::Unknown)?;
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
            hosts: read_hosts(form, hosts)?,
            kind: read_kind(form, path)?,
        })
    }

    /// The address of the server at `host`, as the client library reads it.
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

/// As in a URL: `host:port`, an IPv6 address in brackets.
impl std::fmt::Display for RedisHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Server,
    Cluster,
    Sentinel,
}

fn scheme(text: &str) -> Option<(bool, Form, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (base, form) = match scheme.split_once('+') {
        None => (scheme, Form::Server),
        Some((base, "cluster")) => (base, Form::Cluster),
        Some((base, "sentinel")) => (base, Form::Sentinel),
        Some(_) => return None,
    };
    match base {
        "redis" => Some((false, form, rest)),
        "rediss" => Some((true, form, rest)),
        _ => None,
    }
}

/// Refuses what the client library could not read, such as a `/` that is not percent-encoded.
fn check_credentials(credentials: &str) -> Result<(), BadStoreUrl> {
    match Url::parse(&format!("redis://{credentials}@host/")) {
        Ok(url) if url.host_str() == Some("host") => Ok(()),
        _ => Err(BadStoreUrl::NotAUrl),
    }
}

fn read_hosts(form: Form, text: &str) -> Result<Vec<RedisHost>, BadStoreUrl> {
    let default_port = match form {
        Form::Sentinel => 26379,
        Form::Server | Form::Cluster => 6379,
    };
    let hosts = text.split(',').map(|host| read_host(host, default_port));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    match hosts.len() {
        1 => Ok(hosts),
        2..=MAX_HOSTS if form != Form::Server => Ok(hosts),
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

fn read_kind(form: Form, path: &str) -> Result<RedisKind, BadStoreUrl> {
    match form {
        Form::Server => Ok(RedisKind::Server {
            database: read_database(path)?,
        }),
        Form::Cluster if matches!(path, "" | "0") => Ok(RedisKind::Cluster),
        Form::Cluster => Err(BadStoreUrl::ClusterDatabase),
        Form::Sentinel => {
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

/// One address that answers is enough; 16 cover every real cluster.
const MAX_HOSTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &str, port: u16) -> RedisHost {
        let host = host.to_owned();
        RedisHost { host, port }
    }

    #[test]
    fn reads_servers_clusters_and_sentinels() {
        let sentinel = |service: &str, database| RedisKind::Sentinel {
            service: service.to_owned(),
            database,
        };
        let server = |database| RedisKind::Server { database };
        for (text, tls, hosts, kind) in [
            ("redis://h", false, vec![host("h", 6379)], server(0)),
            ("rediss://h:1/3", true, vec![host("h", 1)], server(3)),
            ("redis://[::1]:7/", false, vec![host("::1", 7)], server(0)),
            (
                "redis+cluster://a:7001,b/",
                false,
                vec![host("a", 7001), host("b", 6379)],
                RedisKind::Cluster,
            ),
            (
                "rediss+cluster://u:p@[::1]:1,10.0.0.1:2/0",
                true,
                vec![host("::1", 1), host("10.0.0.1", 2)],
                RedisKind::Cluster,
            ),
            (
                "redis+sentinel://s1,s2:5/my-primary",
                false,
                vec![host("s1", 26379), host("s2", 5)],
                sentinel("my-primary", 0),
            ),
            (
                "rediss+sentinel://:p%40ss@s1/main/2",
                true,
                vec![host("s1", 26379)],
                sentinel("main", 2),
            ),
        ] {
            let url = RedisUrl::parse(text).unwrap();
            assert_eq!((url.tls, url.hosts, url.kind), (tls, hosts, kind), "{text}");
        }
    }

    #[test]
    fn r60_refuses_an_address_that_only_half_names_a_cluster_or_a_sentinel() {
        for (text, refusal) in [
            ("redis://a,b/0", BadStoreUrl::SeveralHosts),
            ("redis+cluster://", BadStoreUrl::NoHost),
            ("redis+cluster://a,,b/", BadStoreUrl::NoHost),
            ("redis+cluster://a/1", BadStoreUrl::ClusterDatabase),
            ("redis+cluster://a/canary", BadStoreUrl::ClusterDatabase),
            ("redis+sentinel://a", BadStoreUrl::NoService),
            ("redis+sentinel://a/", BadStoreUrl::NoService),
            ("redis+sentinel://a/b c", BadStoreUrl::NoService),
            ("redis+sentinel://a/b/canary", BadStoreUrl::NotADatabase),
            ("redis+cluster://a:canary/", BadStoreUrl::NotAUrl),
            ("redis+canary://a/", BadStoreUrl::Unknown),
            ("redis-cluster://a/", BadStoreUrl::Unknown),
            ("redis+cluster://a?canary", BadStoreUrl::Query),
        ] {
            let found = RedisUrl::parse(text).err();
            assert_eq!(found, Some(refusal), "{text}");
        }
        let many = vec!["a"; MAX_HOSTS + 1].join(",");
        let found = RedisUrl::parse(&format!("redis+cluster://{many}/")).err();
        assert_eq!(found, Some(BadStoreUrl::SeveralHosts));
    }

    #[cfg(feature = "redis")]
    #[test]
    fn the_address_of_a_node_keeps_user_password_and_tls() {
        let url = RedisUrl::parse("rediss+cluster://u:p%40ss@a,b/").unwrap();
        let (node, sentinel) = (host("::1", 9), host("s", 8));
        let full = url.of_server(&node);
        assert_eq!(full.expose_secret(), "rediss://u:p%40ss@[::1]:9/0");
        let bare = url.of_sentinel(&sentinel, false);
        assert_eq!(bare.expose_secret(), "rediss://s:8/0");
    }
}
