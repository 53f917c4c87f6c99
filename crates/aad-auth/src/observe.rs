//! Counts events for metrics. Labels are stable codes of this crate only: no personal data, and no growth
//! by requests.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

/// The events of one instance since its start.
#[derive(Debug, Default)]
pub struct Events {
    sign_ins_started: AtomicU64,
    sign_ins_completed: AtomicU64,
    sign_ins_refused: ByCode,
    bearers_accepted: AtomicU64,
    bearers_refused: ByCode,
    cookies_removed: AtomicU64,
}

/// The counts of sign-ins, bearer tokens and removed cookies since the start.
///
/// See [`Metrics`](crate::metrics::Metrics) for an example.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct EventCounts {
    /// Sign-ins that were redirected to the provider.
    pub sign_ins_started: u64,
    /// Sign-ins that ended in a session.
    pub sign_ins_completed: u64,
    /// Sign-ins that ended in an error page, by its code.
    pub sign_ins_refused: BTreeMap<&'static str, u64>,
    /// Bearer tokens that passed verification, also where a policy then refused the request.
    pub bearers_accepted: u64,
    /// Bearer tokens that were refused, by code.
    pub bearers_refused: BTreeMap<&'static str, u64>,
    /// Cookies that were removed from requests because they are not genuine.
    pub cookies_removed: u64,
}

impl Events {
    pub(crate) fn sign_in_started(&self) {
        self.sign_ins_started.fetch_add(1, Relaxed);
    }

    pub(crate) fn sign_in_completed(&self) {
        self.sign_ins_completed.fetch_add(1, Relaxed);
    }

    pub(crate) fn sign_in_refused(&self, code: &'static str) {
        self.sign_ins_refused.add(code);
    }

    pub(crate) fn bearer_accepted(&self) {
        self.bearers_accepted.fetch_add(1, Relaxed);
    }

    pub(crate) fn bearer_refused(&self, code: &'static str) {
        self.bearers_refused.add(code);
    }

    pub(crate) fn cookies_removed(&self, count: usize) {
        self.cookies_removed.fetch_add(count as u64, Relaxed);
    }

    /// The present counts.
    pub fn counts(&self) -> EventCounts {
        EventCounts {
            sign_ins_started: self.sign_ins_started.load(Relaxed),
            sign_ins_completed: self.sign_ins_completed.load(Relaxed),
            sign_ins_refused: self.sign_ins_refused.counts(),
            bearers_accepted: self.bearers_accepted.load(Relaxed),
            bearers_refused: self.bearers_refused.counts(),
            cookies_removed: self.cookies_removed.load(Relaxed),
        }
    }
}

/// Counts by code. Each code is a text of this crate, never one from outside, so that the number of
/// entries is bounded.
#[derive(Debug, Default)]
pub(crate) struct ByCode(Mutex<BTreeMap<&'static str, u64>>);

impl ByCode {
    pub(crate) fn add(&self, code: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(code).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }
}

/// Logs a lasting condition once: [`Self::is_first`] is true for the first report until [`Self::reset`].
#[derive(Debug, Default)]
pub(crate) struct LogOnce(AtomicBool);

impl LogOnce {
    /// Notes a report. Whether it is the first since the start or the last reset.
    pub(crate) fn is_first(&self) -> bool {
        !self.0.swap(true, Relaxed)
    }

    /// Notes that the condition has ended.
    pub(crate) fn reset(&self) {
        self.0.store(false, Relaxed);
    }
}

/// The log lines that `action` writes in this thread.
#[cfg(test)]
pub(crate) fn logged(action: impl FnOnce()) -> String {
    use std::{io, sync::Arc};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, action);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_first_once_until_it_is_reset() {
        let once = LogOnce::default();
        assert!(once.is_first() && !once.is_first() && !once.is_first());
        once.reset();
        assert!(once.is_first() && !once.is_first());
    }

    #[test]
    fn events_are_counted_by_code() {
        let events = Events::default();
        for code in ["A", "B", "A"] {
            events.bearer_refused(code);
        }
        events.sign_in_completed();
        let counts = events.counts();
        assert_eq!(counts.bearers_refused, [("A", 2), ("B", 1)].into());
        assert_eq!(counts.sign_ins_completed, 1);
        assert!(counts.sign_ins_refused.is_empty());
    }
}
