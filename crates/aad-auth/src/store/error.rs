//! Errors of stores.

use serde::{Deserialize, Serialize};

/// Why a store refused an operation or failed. It contains no data: keys, values and texts of a server
/// stay in the store and its debug log.
///
/// ```
/// use aad_auth::{Auth, store::StoreError};
///
/// /// Does not wait for a server that is away: the store connects when it is back.
/// async fn open(auth: &Auth) -> Result<(), StoreError> {
///     match auth.store_opened().await {
///         Err(StoreError::Unavailable) => Ok(()),
///         result => result,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store is still opening; a large file after a crash takes seconds. Try again soon.
    #[error("the session store is still opening; try again in a few seconds")]
    Opening,
    /// The store cannot be reached, or did not answer in time. Try again later.
    #[error(
        "the session store does not answer; check that the server or disk named by \
         AAD_SESSION_STORE is up and reachable"
    )]
    Unavailable,
    /// The store is full of live records. No live record is evicted to make room.
    #[error(
        "the session store is full of live records; shorten AAD_SESSION_IDLE and \
         AAD_SESSION_MAX, or give the store named by AAD_SESSION_STORE more room"
    )]
    Full,
    /// A key, member or value exceeds the bounds, or a key is not printable ASCII.
    #[error("the record is larger than a session store accepts (256 KiB), or its key is malformed")]
    TooLarge,
    /// The store holds something that this crate did not write.
    #[error(
        "the session store holds something that this version cannot read; move the file or \
         database named by AAD_SESSION_STORE away (all users have to sign in again), or run the \
         version that wrote it"
    )]
    Corrupt,
    /// Another process uses the store's file.
    #[error(
        "another process uses the session store's file in AAD_STATE_DIR (usually the previous \
         instance still shutting down); stop it, or set AAD_SESSION_STORE=redis://… to share one \
         store among instances"
    )]
    Locked,
    /// The store's folder or file cannot be created, read or written.
    #[error(
        "the session store's file cannot be used; let the process own and write the folder in \
         AAD_STATE_DIR (mode 0700), or name another with AAD_SESSION_STORE=file:<path>"
    )]
    Denied,
    /// The store's server refused the user name, the password, or a command that the store needs.
    #[error(
        "the session store's server refused access; check user, password and ACL of \
         AAD_SESSION_STORE ({})",
        RIGHTS
    )]
    Refused,
    /// The store was closed: the process is shutting down.
    #[error("the session store is closed because the process is shutting down")]
    Stopped,
}

/// The rights that the user of a Redis server needs, in the syntax of `ACL SETUSER`.
pub(super) const RIGHTS: &str = "the user needs ~aad:* +get +set +del +pttl +pexpire +getrange +hget \
    +hset +hdel +hlen +hexists +hgetall +time +evalsha +script|load +info +cluster|slots +asking; the \
    last two for a cluster";

impl StoreError {
    /// Whether the same operation may succeed later without intervention. The response is then 503 with
    /// `Retry-After`.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Opening | Self::Unavailable | Self::Full | Self::Locked | Self::Stopped
        )
    }
}
