//! Why an address of a store is refused.

/// Why a value of `AAD_SESSION_STORE` is refused. The text is a rule that follows the variable's name.
///
/// It never repeats the value, which may hold a password.
///
/// ```
/// use aad_auth::config::{BadStoreUrl, StoreUrl};
///
/// assert_eq!("file:".parse::<StoreUrl>().err(), Some(BadStoreUrl::NoPath));
/// ```
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
