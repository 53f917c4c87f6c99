//! Conditions of a server: what is wrong with it, and the remedy for its operator.

use super::tls::TlsFault;
use crate::store_room::{StoreError, error::RIGHTS};

/// What is wrong with a server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Condition {
    /// No connection, no answer in time, or a broken connection.
    Unreachable,
    Tls(TlsFault),
    /// The server requires TLS, and the address is no `rediss` address.
    TlsOnly,
    /// The server at this address is no Redis server.
    NotRedis,
    /// OOM.
    Full,
    /// READONLY.
    Replica,
    /// NOREPLICAS.
    FewReplicas,
    /// MISCONF.
    CannotSave,
    Loading,
    ClusterDown,
    /// MASTERDOWN.
    PrimaryAway,
    /// BUSY.
    Busy,
    /// NOAUTH, WRONGPASS.
    WrongPassword,
    /// NOPERM.
    NotAllowed,
    /// DENIED.
    ProtectedMode,
    TooManyClients,
    NoDatabase,
    /// The address or the roots cannot be used.
    BadSettings,
    /// A key holds a value that this crate did not write.
    ForeignValue,
    /// Redirections lead to no node that serves the key.
    Moving,
    /// The server of a `redis+cluster://` address is no node of a cluster.
    NotACluster,
    /// The server of a `redis://` address is a sentinel.
    IsSentinel,
    /// No sentinel knows the service.
    NoService,
    /// A sentinel names a server that is no primary, or not yet.
    NotPrimary,
    /// The server that a sentinel names does not reveal whether it is the primary.
    RoleUnknown,
    /// A sentinel names an invalid host.
    BadAddress,
    /// The server of a `redis+sentinel://` address is no sentinel.
    NoSentinel,
    /// Another error: the first word of the server's answer.
    Other(String),
}

impl Condition {
    /// The condition of an unknown error. The first word is omitted unless it has the form of an error
    /// code: it could be part of a key.
    pub(super) fn other(word: &str) -> Self {
        let is_code = (2..=24).contains(&word.len())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        Self::Other(if is_code { word } else { "an unknown error" }.to_owned())
    }

    /// Whether the server serves neither reads nor writes.
    pub(super) const fn is_total(&self) -> bool {
        matches!(self, Self::Loading | Self::ClusterDown | Self::PrimaryAway)
    }

    /// The error for callers of the store.
    pub(super) const fn error(&self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::ForeignValue => StoreError::Corrupt,
            Self::WrongPassword
            | Self::NotAllowed
            | Self::RoleUnknown
            | Self::ProtectedMode
            | Self::NoDatabase
            | Self::BadSettings => StoreError::Refused,
            _ => StoreError::Unavailable,
        }
    }

    /// The sentence for the operator: the cause and the remedy.
    pub(super) fn sentence(&self) -> String {
        let rest = match self {
            Self::Other(word) => {
                return format!(
                    "the Redis server of AAD_SESSION_STORE answers {word}; its own log says more"
                );
            }
            Self::NotAllowed => {
                return format!(
                    "the Redis server of AAD_SESSION_STORE forbids its user a command or key: allow \
                     it with ACL SETUSER ({RIGHTS})"
                );
            }
            Self::Tls(fault) => tls(*fault),
            _ => self.advice(),
        };
        format!("the Redis server of AAD_SESSION_STORE {rest}")
    }

    const fn advice(&self) -> &'static str {
        match self {
            Self::TlsOnly => "speaks TLS: write rediss:// instead of redis://",
            Self::NotRedis => "does not answer like Redis: check host and port",
            Self::Full => {
                "is full: sign-ins are refused, and signed-in users are served; raise its \
                 maxmemory, or shorten AAD_SESSION_IDLE and AAD_SESSION_MAX"
            }
            Self::Replica => {
                "is a replica, which refuses to write: name the primary, or let redis+sentinel:// or \
                 redis+cluster:// find it"
            }
            Self::FewReplicas => {
                "refuses to write because too few replicas follow it: bring them back, or lower its \
                 min-replicas-to-write"
            }
            Self::CannotSave => {
                "refuses to write because it cannot save to its disk: make room there and check that \
                 it may write, or see its stop-writes-on-bgsave-error"
            }
            Self::Loading => "is still loading its data: wait until it has read its file",
            Self::ClusterDown => {
                "belongs to a cluster that does not serve all slots: bring back the missing node, or \
                 give its slots to another (redis-cli --cluster check)"
            }
            Self::PrimaryAway => {
                "is a replica that has lost its primary: bring that back, or promote the replica"
            }
            Self::Busy => "is busy with a script of another client: end it with SCRIPT KILL",
            Self::WrongPassword => {
                "refuses user or password: check both in AAD_SESSION_STORE (a `@` in the password is \
                 written %40)"
            }
            Self::ProtectedMode => {
                "runs in protected mode, which admits only clients on its own machine: give it a user with a \
                 password, and put both into AAD_SESSION_STORE"
            }
            Self::TooManyClients => {
                "has too many clients: raise its maxclients, or find out which clients hold connections"
            }
            Self::NoDatabase => {
                "has no database of that number: change the number at the end of AAD_SESSION_STORE (a \
                 cluster has 0 only)"
            }
            Self::BadSettings => "cannot be used with this address or AAD_CA_FILE",
            Self::ForeignValue => {
                "holds something below aad:* that this version cannot read: give it a database of its \
                 own, or run the version that wrote it"
            }
            Self::Moving => {
                "sends requests from node to node: check that the nodes of the cluster agree on the \
                 slots (redis-cli --cluster check)"
            }
            Self::NotACluster => {
                "is no node of a cluster: write redis:// instead of redis+cluster://"
            }
            Self::IsSentinel => {
                "is a sentinel: write redis+sentinel://<host>:<port>/<service> instead of redis://"
            }
            Self::NoService => {
                "is not known to the sentinels: check the service at the end of AAD_SESSION_STORE \
                 against `sentinel monitor <service> …` in their configuration"
            }
            Self::NotPrimary => {
                "is a replica although a sentinel calls it the primary: if this lasts for more than a \
                 failover, check that the sentinels see the same servers"
            }
            Self::RoleUnknown => {
                "does not tell its user whether it is the primary, and is not used: allow it with ACL \
                 SETUSER (+info, or +role)"
            }
            Self::BadAddress => {
                "has an address that cannot be used, as a sentinel names it: check its `sentinel \
                 monitor` and `replica-announce-ip` (a name or an IP address)"
            }
            Self::NoSentinel => {
                "is no sentinel: write redis:// instead of redis+sentinel://, or name the sentinels' \
                 port (26379)"
            }
            Self::Unreachable | Self::NotAllowed | Self::Tls(_) | Self::Other(_) => {
                "cannot be reached or does not answer in time: check that it is up and that this \
                 machine may connect to it (in a cluster, to the address that each node announces)"
            }
        }
    }
}

const fn tls(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::UnknownIssuer => {
            "has a TLS certificate of an authority that is not trusted: name the authority's \
             certificate in AAD_CA_FILE, or give the server one of a known authority"
        }
        TlsFault::OtherName => {
            "has a TLS certificate for another name: use a host that the certificate names (in a \
             cluster: cluster-announce-hostname with cluster-preferred-endpoint-type hostname)"
        }
        TlsFault::Time => {
            "has a TLS certificate that has expired or is not valid yet: renew it, or correct the \
             clock of this machine"
        }
        TlsFault::WantsCertificate => {
            "asks for a TLS certificate of the client, which is not supported: set its \
             tls-auth-clients to no, and use a user with a password"
        }
        TlsFault::NotTls => {
            "does not speak TLS at this port: name its TLS port, or write redis:// instead of rediss://"
        }
        TlsFault::Other => {
            "cannot agree with this process on TLS: it must offer TLS 1.2 or 1.3 and a sound certificate"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_named_only_when_it_is_an_error_code() {
        for (word, shown) in [
            ("TRYLATER", "TRYLATER"),
            ("canary", "an unknown error"),
            ("AAD:R:CANARY", "an unknown error"),
            ("X", "an unknown error"),
            ("", "an unknown error"),
        ] {
            assert_eq!(Condition::other(word), Condition::Other(shown.to_owned()));
        }
        let long = "X".repeat(25);
        assert!(!Condition::other(&long).sentence().contains(&long));
    }
}
