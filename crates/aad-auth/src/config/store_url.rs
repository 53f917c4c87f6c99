//! The address of the session store (`AAD_SESSION_STORE`).

use std::{fmt, path::PathBuf, str::FromStr};

use super::{BadStoreUrl, redis_url::RedisUrl};
use crate::secret::{ExposeSecret, Secret};

/// The address of the session store (`AAD_SESSION_STORE`).
///
/// ```
/// use aad_auth::config::StoreUrl;
///
/// let url: StoreUrl = "file:/var/lib/shop/sessions".parse()?;
/// assert!(matches!(url, StoreUrl::File(path) if path.ends_with("sessions")));
/// # Ok::<_, aad_auth::config::BadStoreUrl>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `memory`: sessions end with the process.
    Memory,
    /// `file:<path>`: the file of the embedded store.
    File(PathBuf),
    /// `redis://…`, `redis+cluster://…` or `redis+sentinel://…`, and with TLS `rediss…`: the whole
    /// URL, which may hold a password.
    Redis(Secret),
}

impl StoreUrl {
    /// Whether both name the same store.
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
        if RedisUrl::has_scheme(text) {
            RedisUrl::parse(text)?;
            return Ok(Self::Redis(Secret::from(text)));
        }
        Err(BadStoreUrl::Unknown)
    }
}

/// Parses the part behind `file:`. In `file:path`, `file:/path` and `file:///path` the path is not
/// decoded.
fn file(path: &str) -> Result<StoreUrl, BadStoreUrl> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') {
        return Err(BadStoreUrl::NoPath);
    }
    Ok(StoreUrl::File(PathBuf::from(path)))
}

#[cfg(test)]
#[path = "store_url_tests.rs"]
mod tests;
