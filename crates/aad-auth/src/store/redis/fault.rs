//! Maps errors of servers to conditions.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::{
    condition::Condition,
    tls::{self, TlsFault},
};

/// The code of this crate's error for a service that no sentinel knows.
pub(super) const NO_SERVICE: &str = "AAD-NO-SERVICE";
/// The code of this crate's error for a server that a sentinel calls the primary, and that is a replica.
pub(super) const NOT_PRIMARY: &str = "AAD-NOT-PRIMARY";
/// The code of this crate's error for a server that a sentinel calls the primary, and that does not reveal its role.
pub(super) const ROLE_UNKNOWN: &str = "AAD-ROLE-UNKNOWN";
/// The code of this crate's error for a sentinel that names an invalid host.
pub(super) const BAD_ADDRESS: &str = "AAD-BAD-ADDRESS";
/// The code of this crate's error for a server that is named as a sentinel.
pub(super) const NO_SENTINEL: &str = "AAD-NO-SENTINEL";
/// The code of this crate's error for a server that requires TLS.
pub(super) const TLS_ONLY: &str = "AAD-TLS-ONLY";
/// The code of this crate's error for a server without TLS at a `rediss` address.
pub(super) const NOT_TLS: &str = "AAD-NOT-TLS";

/// Maps an error to a condition. Only the first word of the server's text is used: the others may contain
/// a key or a value.
pub(super) fn condition(error: &RedisError) -> Condition {
    use ServerErrorKind as Known;
    if let Some(fault) = tls::fault(error) {
        return Condition::Tls(fault);
    }
    if has_too_many_clients(error) {
        return Condition::TooManyClients;
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => Condition::WrongPassword,
        ErrorKind::InvalidClientConfig => Condition::BadSettings,
        ErrorKind::UnexpectedReturnType => Condition::ForeignValue,
        // The library's own text, followed by the server's.
        ErrorKind::Server(Known::ResponseError) if error.to_string().starts_with(NO_DATABASE) => {
            Condition::NoDatabase
        }
        ErrorKind::Server(Known::NoPerm) => Condition::NotAllowed,
        ErrorKind::Server(Known::ReadOnly) => Condition::Replica,
        ErrorKind::Server(Known::BusyLoading) => Condition::Loading,
        ErrorKind::Server(Known::ClusterDown) => Condition::ClusterDown,
        ErrorKind::Server(Known::MasterDown) => Condition::PrimaryAway,
        ErrorKind::Server(Known::Moved | Known::Ask | Known::TryAgain) => Condition::Moving,
        ErrorKind::Server(_) | ErrorKind::Extension => of_word(error.code().unwrap_or_default()),
        ErrorKind::Parse => Condition::NotRedis,
        _ => Condition::Unreachable,
    }
}

/// Maps the first word of an error.
fn of_word(word: &str) -> Condition {
    match word {
        "OOM" => Condition::Full,
        "NOREPLICAS" => Condition::FewReplicas,
        "MISCONF" => Condition::CannotSave,
        "NOAUTH" | "WRONGPASS" => Condition::WrongPassword,
        "DENIED" => Condition::ProtectedMode,
        "WRONGTYPE" => Condition::ForeignValue,
        "BUSY" => Condition::Busy,
        NO_SERVICE => Condition::NoService,
        NOT_PRIMARY => Condition::NotPrimary,
        ROLE_UNKNOWN => Condition::RoleUnknown,
        BAD_ADDRESS => Condition::BadAddress,
        NO_SENTINEL => Condition::NoSentinel,
        NOT_TLS => Condition::Tls(TlsFault::NotTls),
        TLS_ONLY => Condition::TlsOnly,
        _ => Condition::other(word),
    }
}

/// Whether the server has too many clients. Its first word is only `ERR`.
fn has_too_many_clients(error: &RedisError) -> bool {
    let detail = error.detail().unwrap_or_default();
    detail.contains("max number of clients")
}

/// Whether a new connection is needed: this one is closed or silent, or the server has become a replica.
pub(super) fn ends_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || error.is_timeout()
        || error.is_io_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || has_too_many_clients(error)
}

/// Whether the server does not respond or does not serve, so that the circuit breaker counts it. An
/// ordinary error answer does not count.
pub(super) fn is_away(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};
    ends_connection(error)
        || matches!(
            error.kind(),
            ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain)
        )
}

const NO_DATABASE: &str = "Redis server refused to switch database";

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::*;

    fn told(line: &str) -> Condition {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        condition(&Value::extract_error(answer).unwrap_err())
    }

    #[test]
    fn r64_an_unknown_answer_names_its_first_word_and_nothing_else() {
        assert_eq!(told("WHATEVER aad:r:canary"), Condition::other("WHATEVER"));
        assert_eq!(
            told("ERR unknown command 'canary'"),
            Condition::other("ERR")
        );
        for text in ["canary secret", "Canary", "aad:r:canary", "A B", ""] {
            let Condition::Other(word) = told(text) else {
                panic!("{text}")
            };
            assert!(!word.to_lowercase().contains("canary"), "{text}: {word}");
        }
    }

    #[test]
    fn r63_each_refusal_of_a_server_has_its_condition() {
        for (line, expected) in [
            (
                "READONLY You can't write against a read only replica.",
                Condition::Replica,
            ),
            (
                "NOREPLICAS Not enough good replicas to write.",
                Condition::FewReplicas,
            ),
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                Condition::Full,
            ),
            (
                "MISCONF Redis is configured to save RDB snapshots",
                Condition::CannotSave,
            ),
            (
                "LOADING Redis is loading the dataset in memory",
                Condition::Loading,
            ),
            ("CLUSTERDOWN Hash slot not served", Condition::ClusterDown),
            (
                "MASTERDOWN Router with MASTER is down",
                Condition::PrimaryAway,
            ),
            ("NOAUTH Authentication required.", Condition::WrongPassword),
            (
                "WRONGPASS invalid username-password pair",
                Condition::WrongPassword,
            ),
            (
                "NOPERM this user has no permissions to run 'set'",
                Condition::NotAllowed,
            ),
            (
                "DENIED Redis is running in protected mode",
                Condition::ProtectedMode,
            ),
            ("BUSY Redis is busy running a script.", Condition::Busy),
            ("WRONGTYPE Operation against a key", Condition::ForeignValue),
            (
                "ERR max number of clients reached",
                Condition::TooManyClients,
            ),
            ("MOVED 3999 127.0.0.1:6381", Condition::Moving),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
