//! The log: one line for each event, on standard output.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, filter::ParseError, filter::Targets, fmt,
    fmt::MakeWriter, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// The crates whose events are free of tokens, secrets and personal data at every level.
const CLEAN: [&str; 3] = ["aad_auth", "webapp", "entra_emulator"];

/// Targets that are not logged unless the filter names them.
///
/// The HTTP/1.1 dispatcher logs an error for each malformed request, so that any client could fill the log.
/// The start and stop messages of the server repeat ours.
const QUIET: &str = "actix_http::h1=off,actix_server=warn";

/// Starts logging with a filter such as `info` or `info,aad_auth=debug`.
///
/// The filter can only narrow what libraries log, never widen it: at `debug` and `trace` they print
/// request heads with cookies, codes and tokens.
///
/// # Errors
/// A filter that cannot be parsed.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}"))?;
    let lines = lines(filter, io::stdout, io::stdout().is_terminal());
    // Fails where a test has a subscriber of its own, which stays.
    drop(registry().with(lines).try_init());
    Ok(())
}

fn lines<S, W>(filter: EnvFilter, writer: W, ansi: bool) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    use tracing_subscriber::layer::Filter;
    fn both<S>(asked: impl Filter<S>, allowed: impl Filter<S>) -> impl Filter<S> {
        use tracing_subscriber::filter::FilterExt;
        asked.and(allowed)
    }
    fmt::layer()
        .with_writer(writer)
        .with_ansi(ansi)
        .with_filter(both(filter, allowed()))
}

/// The events that may be logged under any `RUST_LOG`.
fn allowed() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(CLEAN.map(|target| (target, LevelFilter::TRACE)))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a filter lets through of one event a level, from a library and from this crate.
    fn logged(filter: &str) -> String {
        let log = Log::default();
        let writer = log.clone();
        let filter = EnvFilter::try_new(filter).unwrap();
        let lines = lines(filter, move || writer.clone(), false);
        tracing::subscriber::with_default(registry().with(lines), || {
            for_each_level("library");
            tracing::trace!(target: "webapp::x", "own trace");
            tracing::trace!(target: "aad_auth::x", "own trace");
        });
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn for_each_level(what: &str) {
        tracing::trace!(target: "actix_http::h1", "{what} trace");
        tracing::debug!(target: "h2::codec", "{what} debug");
        tracing::info!(target: "actix_server", "{what} info");
        tracing::error!(target: "redis", "{what} error");
        let span = tracing::trace_span!(target: "h2", "request", token = "library span");
        span.in_scope(|| tracing::info!(target: "webapp", "own info"));
    }

    #[test]
    fn w40_no_filter_widens_what_libraries_log() {
        for filter in [
            "trace",
            "debug",
            "trace,actix_http=trace",
            "actix_http=trace,h2=trace,awc=trace,redis=trace",
            "info,[request]=trace",
            "[{token}]=trace",
        ] {
            let log = logged(filter);
            for refused in ["library trace", "library debug", "library span"] {
                assert!(!log.contains(refused), "{filter}: {log}");
            }
        }
    }

    #[test]
    fn the_filter_decides_over_our_own_and_narrows_the_rest() {
        let log = logged("trace");
        assert_eq!(log.matches("own trace").count(), 2, "{log}");
        assert!(log.contains("library info") && log.contains("library error"));
        let log = logged("info,actix_server=warn");
        assert!(
            !log.contains("own trace") && !log.contains("library info"),
            "{log}"
        );
        assert!(log.contains("library error") && log.contains("own info"));
        assert_eq!(logged("off"), "");
    }
}
