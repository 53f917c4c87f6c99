//! What a server tells of itself when it is connected to: eviction, mode and role.

use std::sync::atomic::{AtomicU8, Ordering};

use redis::{
    ErrorKind, RedisResult, ServerErrorKind, Value, aio::MultiplexedConnection, cmd,
    from_redis_value,
};

use super::fault::ends_connection;

/// What is known of the server's `maxmemory-policy`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Eviction {
    /// Not connected yet.
    #[default]
    Unasked,
    /// It refuses writes when it is full, as it should.
    Never,
    /// It evicts: users are signed out at random once it is full.
    Evicts,
    /// It does not tell: managed servers often forbid the question.
    Unknown,
}

/// What a server has said of itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ServerInfo {
    pub(super) eviction: Eviction,
    /// It is a node of a cluster.
    pub(super) cluster: bool,
    /// It is a sentinel, and no server that keeps data.
    pub(super) sentinel: bool,
}

/// The facts of the last connection.
#[derive(Default)]
pub(super) struct ServerInfoCell(AtomicU8);

const CLUSTER: u8 = 1 << 4;
const SENTINEL: u8 = 1 << 5;

impl ServerInfoCell {
    pub(super) fn get(&self) -> ServerInfo {
        let bits = self.0.load(Ordering::Relaxed);
        ServerInfo {
            eviction: match bits & 3 {
                1 => Eviction::Never,
                2 => Eviction::Evicts,
                3 => Eviction::Unknown,
                _ => Eviction::Unasked,
            },
            cluster: bits & CLUSTER != 0,
            sentinel: bits & SENTINEL != 0,
        }
    }

    /// Asks a new connection: `INFO`, which managed servers allow, then `CONFIG GET`.
    ///
    /// # Errors
    /// When the connection breaks. What a server refuses to tell is unknown, and no error.
    pub(super) async fn learn(&self, mut connection: MultiplexedConnection) -> RedisResult<()> {
        let info = match ask_info(&mut connection).await {
            Ok(info) => info,
            Err(error) if ends_connection(&error) => return Err(error),
            Err(_) => String::new(),
        };
        let policy = match field(&info, "maxmemory_policy") {
            Some(policy) => Some(policy.to_owned()),
            None => ask_config(&mut connection).await,
        };
        let facts = read(&info, policy.as_deref());
        if facts.eviction == Eviction::Evicts && self.get().eviction != Eviction::Evicts {
            tracing::warn!("{}", Eviction::EVICTS);
        }
        self.put(facts);
        Ok(())
    }

    fn put(&self, facts: ServerInfo) {
        let mut bits = match facts.eviction {
            Eviction::Unasked => 0,
            Eviction::Never => 1,
            Eviction::Evicts => 2,
            Eviction::Unknown => 3,
        };
        if facts.cluster {
            bits |= CLUSTER;
        }
        if facts.sentinel {
            bits |= SENTINEL;
        }
        self.0.store(bits, Ordering::Relaxed);
    }
}

impl Eviction {
    /// What an operator should know.
    pub(super) const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Evicts => Some(Self::EVICTS),
            Self::Unknown => Some(Self::UNKNOWN),
            Self::Unasked | Self::Never => None,
        }
    }

    const EVICTS: &str = "the Redis server of AAD_SESSION_STORE evicts records when its \
        memory is full, which signs users out at random; set its maxmemory-policy to noeviction";
    const UNKNOWN: &str = "the Redis server of AAD_SESSION_STORE does not tell its \
        maxmemory-policy; make sure it is noeviction, and allow the user +info to have it checked";
}

/// Whether the server is a primary: `INFO` tells it, and `ROLE` where a user may not ask that. `None`: it
/// tells neither.
pub(super) async fn ask_is_primary(
    connection: &mut MultiplexedConnection,
) -> RedisResult<Option<bool>> {
    let info = told(ask_info(connection).await)?.unwrap_or_default();
    let role = match field(&info, "role") {
        Some(role) => Some(role.to_owned()),
        None => told(ask_role(connection).await)?,
    };
    Ok(role.map(|role| role == "master"))
}

async fn ask_role(connection: &mut MultiplexedConnection) -> RedisResult<String> {
    let answer: Vec<Value> = cmd("ROLE").query_async(connection).await?;
    from_redis_value(answer.into_iter().next().unwrap_or(Value::Nil)).map_err(Into::into)
}

/// `None`: the user may not ask, or the server does not know the command.
fn told<T>(answer: RedisResult<T>) -> RedisResult<Option<T>> {
    use ServerErrorKind::{NoPerm, ResponseError};
    match answer {
        Ok(told) => Ok(Some(told)),
        Err(error) if ends_connection(&error) => Err(error),
        Err(error) => match error.kind() {
            ErrorKind::Server(NoPerm | ResponseError) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Without a section: several at once are read by Redis 7 and later only.
async fn ask_info(connection: &mut MultiplexedConnection) -> RedisResult<String> {
    cmd("INFO").query_async(connection).await
}

async fn ask_config(connection: &mut MultiplexedConnection) -> Option<String> {
    let answer: Vec<String> = cmd("CONFIG")
        .arg("GET")
        .arg("maxmemory-policy")
        .query_async(connection)
        .await
        .ok()?;
    answer.into_iter().nth(1)
}

fn read(info: &str, policy: Option<&str>) -> ServerInfo {
    ServerInfo {
        eviction: match policy {
            Some("noeviction") => Eviction::Never,
            Some(_) => Eviction::Evicts,
            None => Eviction::Unknown,
        },
        cluster: field(info, "cluster_enabled") == Some("1"),
        sentinel: field(info, "redis_mode") == Some("sentinel"),
    }
}

fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    let mut lines = info.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_server_tells() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n# Cluster\r\n\
                    cluster_enabled:1\r\n";
        let policy = field(info, "maxmemory_policy");
        assert_eq!(policy, Some("allkeys-lru"));
        let cell = ServerInfoCell::default();
        assert_eq!(cell.get(), ServerInfo::default());
        for (info, policy, eviction, cluster, sentinel) in [
            (info, policy, Eviction::Evicts, true, false),
            (
                "cluster_enabled:0",
                Some("noeviction"),
                Eviction::Never,
                false,
                false,
            ),
            ("redis_mode:sentinel", None, Eviction::Unknown, false, true),
        ] {
            cell.put(read(info, policy));
            let expected = ServerInfo {
                eviction,
                cluster,
                sentinel,
            };
            assert_eq!(cell.get(), expected, "{info}");
        }
    }
}
