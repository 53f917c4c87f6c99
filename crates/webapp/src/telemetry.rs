//! The log: one line an event, to standard output.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// Starts logging with a filter such as `info` or `info,aad_auth=debug`.
///
/// # Errors
/// A filter that cannot be parsed.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stdout().is_terminal())
        .try_init();
    // Somebody else's subscriber (a test's) stays.
    drop(started);
    Ok(())
}
