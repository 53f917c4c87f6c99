//! Where the sessions are kept: the value of `AAD_SESSION_STORE`.

use std::{fmt, path::PathBuf, str::FromStr};

use super::redis_url::RedisUrl;
use crate::secret::{ExposeSecret, Secret};

/// The parsed value of `AAD_SESSION_STORE`.
#[derive(Clone)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `memory`: gone when the process ends.
    Memory,
    /// `file:<path>`: the file of the embedded store.
    File(PathBuf),
    /// `redis://…`, `redis+cluster://…` or `redis+sentinel://…`, and with TLS `rediss…`: the whole
    /// URL, which may hold a password.
    Redis(Secret),
}

impl StoreUrl {
    /// Whether both name the same place.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Memory, Self::Memory) => true,
            (Self::File(own), Self::File(theirs)) => own == theirs,
            (Self::Redis(own), Self::Redis(theirs)) => {
                own.expose_secret() == theirs.expose_secret()
            }
            _ => false,
        }
    }
}

/// Never shows user, password, host or path.
impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::File(_) => "file",
            Self::Redis(_) => "redis",
        })
    }
}

/// Why a value of `AAD_SESSION_STORE` is refused: a rule that follows the variable's name. It never
/// repeats the value, which may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BadStoreUrl {
    /// Neither of the known forms.
    #[error(
        "must be `memory`, `file:<path>`, `redis://…` or `rediss://…` (also `redis+cluster://` and \
         `redis+sentinel://`)"
    )]
    Unknown,
    /// `file:` without a path.
    #[error("needs the path of a file: file:/var/lib/app/sessions.redb")]
    NoPath,
    /// Not a URL.
    #[error(
        "is not a URL that can be read; percent-encode special characters of user and password (`@` \
         is %40, `/` is %2F, `#` is %23), as in rediss://app:p%40ss@redis.example.com:6379/0"
    )]
    NotAUrl,
    /// No host.
    #[error("names no Redis server, as rediss://redis.example.com:6379/0 does")]
    NoHost,
    /// A path that is no database number.
    #[error("may have only the number of the Redis database after the host")]
    NotADatabase,
    /// A cluster with the number of a database.
    #[error(
        "must not name a database with redis+cluster://, since a cluster has number 0 only, as in \
         redis+cluster://redis-1.example.com:6379,redis-2.example.com:6379/"
    )]
    ClusterDatabase,
    /// Sentinels without the name of the service.
    #[error(
        "names sentinels but not the service that they watch (`sentinel monitor <service> …` in their \
         configuration); for example \
         redis+sentinel://sentinel-1.example.com:26379,sentinel-2.example.com:26379/my-primary"
    )]
    NoService,
    /// Several hosts with `redis://`, or too many.
    #[error(
        "may name several hosts, at most 16, with redis+cluster:// or redis+sentinel:// only; for example \
         redis+cluster://redis-1.example.com:6379,redis-2.example.com:6379/"
    )]
    SeveralHosts,
    /// A query or fragment.
    #[error(
        "must not have a query or a fragment (a `?` or `#` in the password is written %3F or %23)"
    )]
    Query,
}

impl FromStr for StoreUrl {
    type Err = BadStoreUrl;

    fn from_str(text: &str) -> Result<Self, BadStoreUrl> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("memory") {
            return Ok(Self::Memory);
        }
        if let Some(path) = text.strip_prefix("file:") {
            return file(path);
        }
        if RedisUrl::is_meant(text) {
            RedisUrl::parse(text)?;
            return Ok(Self::Redis(Secret::from(text)));
        }
        Err(BadStoreUrl::Unknown)
    }
}

/// `file:path`, `file:/path` and `file:///path`; the path is taken as it stands, not decoded.
fn file(path: &str) -> Result<StoreUrl, BadStoreUrl> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') {
        return Err(BadStoreUrl::NoPath);
    }
    Ok(StoreUrl::File(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_known_forms() {
        assert!(matches!("memory".parse(), Ok(StoreUrl::Memory)));
        for text in ["file:/a/b.redb", "file:///a/b.redb"] {
            let Ok(StoreUrl::File(path)) = text.parse() else {
                panic!("{text}")
            };
            assert_eq!(path, PathBuf::from("/a/b.redb"));
        }
        for text in [
            "redis://127.0.0.1",
            "rediss://user:p%40ss@host:6380/3",
            "redis://[::1]:6379/",
            "redis+cluster://a:7001,b:7002/",
            "rediss+sentinel://s1:26379,s2:26379/main",
        ] {
            assert!(matches!(text.parse(), Ok(StoreUrl::Redis(_))), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_use_and_never_repeats_it() {
        let cases = [
            ("", BadStoreUrl::Unknown),
            ("postgres://canary", BadStoreUrl::Unknown),
            ("/var/lib/canary", BadStoreUrl::Unknown),
            ("file:", BadStoreUrl::NoPath),
            ("file:///", BadStoreUrl::NoPath),
            ("redis://", BadStoreUrl::NoHost),
            ("redis://u:canary@:x", BadStoreUrl::NotAUrl),
            ("redis://h/canary", BadStoreUrl::NotADatabase),
            ("redis://h/0/1", BadStoreUrl::NotADatabase),
            ("redis://h/0?p=canary", BadStoreUrl::Query),
            ("redis://canary,h", BadStoreUrl::SeveralHosts),
            ("redis+cluster://canary/1", BadStoreUrl::ClusterDatabase),
            ("redis+sentinel://canary", BadStoreUrl::NoService),
            ("redis://u:canary#x@h", BadStoreUrl::Query),
        ];
        for (text, expected) in cases {
            let refusal = text.parse::<StoreUrl>().unwrap_err();
            assert_eq!(refusal, expected, "{text}");
            assert!(!refusal.to_string().contains("canary"), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let url: StoreUrl = "redis://u:canary@h".parse().unwrap();
        assert!(!format!("{url:?}").contains("canary"));
    }
}
