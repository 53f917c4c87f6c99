//! Finds the primary by Sentinel (Redis documentation, "Guidelines for Redis clients with support for
//! Redis Sentinel").

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::{
    ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection, cmd, make_extension_error,
};

use super::{address::named, connector::Connector, fault, server_info::ask_is_primary};
use crate::config::RedisHost;

/// Connects to the primary of `service`.
///
/// # Errors
/// The error of the sentinel or server that answered last. Codes that begin with `AAD-` are this crate's.
pub(super) async fn connect(
    connector: &Connector,
    service: &str,
) -> RedisResult<MultiplexedConnection> {
    // All are asked concurrently, so that a silent one costs no time.
    let asked = connector.url().hosts.iter();
    let mut answers: FuturesUnordered<_> =
        asked.map(|host| ask(connector, host, service)).collect();
    let mut last = None;
    let mut refused = None;
    while let Some(answer) = answers.next().await {
        // An isolated sentinel may name the former primary.
        match connect_to_primary(connector, answer).await {
            Ok(connection) => return Ok(connection),
            // An answer of a sentinel is a better error than a failed connection.
            Err(error) if error.is_io_error() => last = Some(error),
            Err(error) => refused = Some(error),
        }
    }
    let none = || RedisError::from((ErrorKind::EmptySentinelList, "no sentinel"));
    Err(refused.or(last).unwrap_or_else(none))
}

async fn connect_to_primary(
    connector: &Connector,
    named: RedisResult<RedisHost>,
) -> RedisResult<MultiplexedConnection> {
    let mut connection = connector.connect(&named?).await?;
    match ask_is_primary(&mut connection).await? {
        Some(true) => Ok(connection),
        Some(false) => Err(own_error(fault::NOT_PRIMARY)),
        // A replica refuses writes, but its reads may show sessions that have ended.
        None => Err(own_error(fault::ROLE_UNKNOWN)),
    }
}

/// Asks a sentinel for the primary of `service`. Most sentinels have no password. One that requires it
/// gets that of the URL.
async fn ask(connector: &Connector, host: &RedisHost, service: &str) -> RedisResult<RedisHost> {
    let mut connection = connector.connect_to_sentinel(host, false).await?;
    let answer = match ask_address(&mut connection, service).await {
        Err(error) if error.code() == Some("NOAUTH") => {
            let mut connection = connector.connect_to_sentinel(host, true).await?;
            ask_address(&mut connection, service).await?
        }
        answer => answer?,
    };
    let (host, port) = answer.ok_or_else(|| own_error(fault::NO_SERVICE))?;
    named(&host, port).ok_or_else(|| own_error(fault::BAD_ADDRESS))
}

async fn ask_address(
    connection: &mut MultiplexedConnection,
    service: &str,
) -> RedisResult<Option<(String, u16)>> {
    let mut command = cmd("SENTINEL");
    command.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
    command.query_async(connection).await.map_err(|error| {
        let detail = error.detail().unwrap_or_default();
        if detail.starts_with("unknown command") {
            own_error(fault::NO_SENTINEL)
        } else {
            error
        }
    })
}

/// An error of this crate.
fn own_error(code: &str) -> RedisError {
    make_extension_error(code.to_owned(), None)
}
