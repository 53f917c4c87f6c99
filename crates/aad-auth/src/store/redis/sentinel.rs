//! The primary that Sentinel names (Redis documentation, "Guidelines for Redis clients with support for
//! Redis Sentinel").

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::{
    ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection, cmd, make_extension_error,
};

use super::{address::named, dial::Dialer, fault, server_info::ask_is_primary};
use crate::config::RedisHost;

/// Connects to the primary of `service`.
///
/// # Errors
/// That of the sentinel or server that came last. Codes that begin with `AAD-` are ours.
pub(super) async fn connect(dialer: &Dialer, service: &str) -> RedisResult<MultiplexedConnection> {
    // All are asked at once: one that is silent costs no time.
    let asked = dialer.url().hosts.iter();
    let mut answers: FuturesUnordered<_> = asked.map(|host| ask(dialer, host, service)).collect();
    let mut last = None;
    let mut refused = None;
    while let Some(answer) = answers.next().await {
        // A sentinel that was cut off from the others may name the primary of before.
        match connect_to_primary(dialer, answer).await {
            Ok(connection) => return Ok(connection),
            // What a sentinel has said tells more than that another one is away.
            Err(error) if error.is_io_error() => last = Some(error),
            Err(error) => refused = Some(error),
        }
    }
    let none = || RedisError::from((ErrorKind::EmptySentinelList, "no sentinel"));
    Err(refused.or(last).unwrap_or_else(none))
}

async fn connect_to_primary(
    dialer: &Dialer,
    named: RedisResult<RedisHost>,
) -> RedisResult<MultiplexedConnection> {
    let mut connection = dialer.connect(&named?).await?;
    match ask_is_primary(&mut connection).await? {
        Some(true) => Ok(connection),
        Some(false) => Err(ours(fault::NOT_PRIMARY)),
        // A replica would refuse to write, but it reads: sessions that have ended would be alive there.
        None => Err(ours(fault::ROLE_UNKNOWN)),
    }
}

/// Which server the sentinel at `host` calls the primary of `service`. Sentinels mostly have no password;
/// one that asks for it gets that of the URL.
async fn ask(dialer: &Dialer, host: &RedisHost, service: &str) -> RedisResult<RedisHost> {
    let mut connection = dialer.connect_to_sentinel(host, false).await?;
    let answer = match ask_address(&mut connection, service).await {
        Err(error) if error.code() == Some("NOAUTH") => {
            let mut connection = dialer.connect_to_sentinel(host, true).await?;
            ask_address(&mut connection, service).await?
        }
        answer => answer?,
    };
    let (host, port) = answer.ok_or_else(|| ours(fault::NO_SERVICE))?;
    named(&host, port).ok_or_else(|| ours(fault::BAD_ADDRESS))
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
            ours(fault::NO_SENTINEL)
        } else {
            error
        }
    })
}

fn ours(code: &str) -> RedisError {
    make_extension_error(code.to_owned(), None)
}
