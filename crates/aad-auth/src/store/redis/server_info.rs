//! What a server reports at each connection: eviction policy, mode and role.

use std::sync::atomic::{AtomicU8, Ordering};

use redis::{
    ErrorKind, RedisResult, ServerErrorKind, Value, aio::MultiplexedConnection, cmd,
    from_redis_value,
};

use super::fault::ends_connection;

/// The effect of the server's `maxmemory-policy`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Eviction {
    /// Not connected yet.
    #[default]
    Unasked,
    /// It refuses writes when it is full, as required.
    Never,
    /// It evicts records when it is full, which signs users out at random.
    Evicts,
    /// It does not reveal the policy. Managed servers often forbid the command.
    Unknown,
}

/// What a server has reported.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ServerInfo {
    pub(super) eviction: Eviction,
    /// It is a node of a cluster.
    pub(super) cluster: bool,
    /// It is a sentinel, which holds no data.
    pub(super) sentinel: bool,
}

/// The report of the last connection, readable without a lock.
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

    /// Queries a new connection: `INFO`, which managed servers allow, then `CONFIG GET`.
    ///
    /// # Errors
    /// If the connection breaks. A refused command is no error; its result is unknown.
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
        let server_info = read(&info, policy.as_deref());
        if server_info.eviction == Eviction::Evicts && self.get().eviction != Eviction::Evicts {
            tracing::warn!("{}", Eviction::EVICTS);
        }
        self.put(server_info);
        Ok(())
    }

    fn put(&self, server_info: ServerInfo) {
        let mut bits = match server_info.eviction {
            Eviction::Unasked => 0,
            Eviction::Never => 1,
            Eviction::Evicts => 2,
            Eviction::Unknown => 3,
        };
        if server_info.cluster {
            bits |= CLUSTER;
        }
        if server_info.sentinel {
            bits |= SENTINEL;
        }
        self.0.store(bits, Ordering::Relaxed);
    }
}

impl Eviction {
    /// The warning for the operator.
    pub(super) const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Evicts => Some(Self::EVICTS),
            Self::Unknown => Some(Self::UNKNOWN),
            Self::Unasked | Self::Never => None,
        }
    }

    const EVICTS: &str = "the Redis server of AAD_SESSION_STORE evicts records when its \
        memory is full, which signs users out at random; set its maxmemory-policy to noeviction";
    const UNKNOWN: &str = "the Redis server of AAD_SESSION_STORE does not reveal its \
        maxmemory-policy; make sure that it is noeviction, and allow the user +info to have it checked";
}

/// Whether the server is a primary, by `INFO`, or by `ROLE` if the user may not send `INFO`. `None` if it
/// refuses both.
pub(super) async fn ask_is_primary(
    connection: &mut MultiplexedConnection,
) -> RedisResult<Option<bool>> {
    let info = permitted(ask_info(connection).await)?.unwrap_or_default();
    let role = match field(&info, "role") {
        Some(role) => Some(role.to_owned()),
        None => permitted(ask_role(connection).await)?,
    };
    Ok(role.map(|role| role == "master"))
}

async fn ask_role(connection: &mut MultiplexedConnection) -> RedisResult<String> {
    let answer: Vec<Value> = cmd("ROLE").query_async(connection).await?;
    from_redis_value(answer.into_iter().next().unwrap_or(Value::Nil)).map_err(Into::into)
}

/// Turns a refused or unknown command into `None`.
fn permitted<T>(answer: RedisResult<T>) -> RedisResult<Option<T>> {
    use ServerErrorKind::{NoPerm, ResponseError};
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if ends_connection(&error) => Err(error),
        Err(error) => match error.kind() {
            ErrorKind::Server(NoPerm | ResponseError) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Sends `INFO` without a section: only Redis 7 and later accept several sections.
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
#[path = "server_info_tests.rs"]
mod tests;
