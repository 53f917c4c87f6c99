use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;

use serde::Serialize;

use crate::faults::Endpoint;
use crate::sync::lock;

/// A request the emulator has answered.
///
/// Values of secret fields stand as `[redacted]`; tests that must compare one ask [`RecordedCall::secret`].
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Counts from 1.
    pub number: u64,
    /// When, in seconds since the epoch by the emulator's clock.
    pub at: i64,
    /// What it asked for.
    pub endpoint: Endpoint,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query's parameters in order.
    pub query: Vec<(String, String)>,
    /// The form's fields in order.
    pub form: Vec<(String, String)>,
    /// Header fields, lower-case names; of `authorization` the scheme only, no cookies.
    pub headers: Vec<(String, String)>,
    /// The status of the answer; 0 while there is none (or when the connection was broken off).
    pub status: u16,
    /// What came of it: `ok`, an AADSTS number, the name of a fault.
    pub verdict: String,
    #[serde(skip)]
    pub(super) secrets: Vec<(String, String)>,
}

impl RecordedCall {
    /// A field of the form, or a parameter of the query.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.form.iter().chain(&self.query);
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header field by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The true value of a redacted field or header, for tests.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.secrets
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for RecordedCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "#{} {} {} {} ({})",
            self.number, self.method, self.path, self.status, self.verdict
        )
    }
}

/// What came of a request; handlers put it into the answer's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Verdict(pub(crate) String);

/// The last requests, newest last.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    calls: VecDeque<RecordedCall>,
    count: u64,
}

const MAX_CALLS: usize = 2_000;

impl Journal {
    /// Writes a request down; the number finds it again.
    pub(crate) fn begin(&self, mut call: RecordedCall) -> u64 {
        let mut inner = lock(&self.inner);
        inner.count = inner.count.saturating_add(1);
        call.number = inner.count;
        if inner.calls.len() >= MAX_CALLS {
            inner.calls.pop_front();
        }
        inner.calls.push_back(call);
        inner.count
    }

    pub(crate) fn finish(&self, number: u64, status: u16, verdict: String) {
        if let Some(call) = lock(&self.inner)
            .calls
            .iter_mut()
            .rev()
            .find(|call| call.number == number)
        {
            call.status = status;
            call.verdict = verdict;
        }
    }

    pub(crate) fn calls(&self) -> Vec<RecordedCall> {
        lock(&self.inner).calls.iter().cloned().collect()
    }

    pub(crate) fn take(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut lock(&self.inner).calls).into()
    }
}
