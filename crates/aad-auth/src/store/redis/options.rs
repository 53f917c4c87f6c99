//! Settings of a Redis store.

use std::{sync::Arc, time::Duration};

use crate::{
    clock::{Clock, SystemClock},
    random::{Random, SystemRandom},
    secret::Secret,
};

/// How to connect to Redis or Valkey servers.
///
/// ```no_run
/// use std::time::Duration;
/// use aad_auth::{config::Secret, store::{RedisOptions, RedisStore}};
///
/// let url = Secret::from("rediss://shop:password@redis.example.com:6379/0");
/// let options = RedisOptions::new(url).timeout(Duration::from_secs(2));
/// let store = RedisStore::open(&options)?;
/// # drop(store);
/// # Ok::<_, aad_auth::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct RedisOptions {
    pub(super) url: Secret,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) timeout: Duration,
    pub(super) roots: Option<Vec<u8>>,
}

impl RedisOptions {
    /// The servers of `url`, as read by [`StoreUrl`](crate::config::StoreUrl), with user and password of
    /// an ACL user: `redis://` (one server, or any node of a cluster) with the number of a database,
    /// `redis+cluster://` with some nodes, `redis+sentinel://` with sentinels and their service. With
    /// TLS `rediss`.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            timeout: Duration::from_secs(1),
            roots: None,
        }
    }

    /// The timeout of an operation, including the connection; default 1 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The trusted roots for `rediss://`, as PEM; default those of the system.
    #[must_use]
    pub fn trusted_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// The source of time, for `Record::expires_at` only; default the system's clock. The server's clock
    /// measures lives.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}
