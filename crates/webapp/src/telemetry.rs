//! The log: one line an event, to standard output.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// What is not logged unless the filter names the same targets. The HTTP/1.1 dispatcher writes an
/// error for each malformed request, so that a stranger could fill the log. The server's own start
/// and stop messages say nothing that ours do not.
const QUIET: &str = "actix_http::h1=off,actix_server=warn";

/// Starts logging with a filter such as `info` or `info,aad_auth=debug`.
///
/// # Errors
/// A filter that cannot be parsed.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}"))?;
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stdout().is_terminal())
        .try_init();
    // Somebody else's subscriber (a test's) stays.
    drop(started);
    Ok(())
}
