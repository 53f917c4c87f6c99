//! What the server's errors mean to callers.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::StoreError;

/// The meaning of an error. Its words are the server's, never a key or value of ours; the log
/// gets its category and code only.
pub(super) fn translate(error: &RedisError) -> StoreError {
    let meaning = meaning(error);
    tracing::debug!(
        category = error.category(),
        code = error.code(),
        "the session store's server failed"
    );
    meaning
}

fn meaning(error: &RedisError) -> StoreError {
    match error.kind() {
        ErrorKind::AuthenticationFailed
        | ErrorKind::Server(ServerErrorKind::NoPerm)
        | ErrorKind::InvalidClientConfig => StoreError::Refused,
        ErrorKind::UnexpectedReturnType | ErrorKind::Parse => StoreError::Corrupt,
        _ => match error.code() {
            Some("OOM") => StoreError::Full,
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => StoreError::Refused,
            Some("WRONGTYPE") => StoreError::Corrupt,
            _ => StoreError::Unavailable,
        },
    }
}

/// Whether the connection must be made anew: it is gone, it is silent, or the server behind it
/// has become a replica.
pub(super) fn ends_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || error.is_timeout()
        || error.is_io_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Whether the server is away, as against an answer that we do not like: what the circuit breaker
/// counts.
pub(super) fn is_away(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};
    ends_connection(error)
        || matches!(
            error.kind(),
            ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain)
        )
}
