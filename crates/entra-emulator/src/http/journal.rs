//! The record of requests and their outcome.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;

use actix_web::HttpResponse;
use serde::Serialize;

use crate::aadsts::Refusal;
use crate::faults::Endpoint;
use crate::sync::lock;

/// A request to a protocol endpoint, and its answer; see [`Control::calls`](crate::Control::calls).
///
/// Values of secret fields are replaced by `[redacted]`; [`RecordedCall::secret`] returns them.
///
/// ```
/// # fn check(emulator: &entra_emulator::Emulator) {
/// for call in emulator.control().take_calls() {
///     println!("{:?} {} {}", call.endpoint, call.status, call.verdict);
///     assert_ne!(call.field("code_challenge_method"), Some("plain"));
/// }
/// # }
/// ```
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Counts from 1.
    pub number: u64,
    /// The time by the emulator's clock, seconds since the Unix epoch.
    pub at: i64,
    /// The endpoint that answered.
    pub endpoint: Endpoint,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The parameters of the query, in order.
    pub query: Vec<(String, String)>,
    /// The fields of the form, in order.
    pub form: Vec<(String, String)>,
    /// The header fields with lower-case names, without cookies; the value of `authorization` is its scheme.
    pub headers: Vec<(String, String)>,
    /// The status of the answer; 0 while there is none, and when the connection was closed.
    pub status: u16,
    /// `ok`, an AADSTS number, an OAuth error, `refused`, or the name of a fault; `pending` while there is no answer.
    pub verdict: String,
    #[serde(skip)]
    pub(crate) secrets: Vec<(String, String)>,
}

impl RecordedCall {
    /// Returns a field of the form, or a parameter of the query.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.form.iter().chain(&self.query);
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns a header field by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the value of a redacted field or header.
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

/// The outcome of a request, which handlers put into the answer's extensions for the journal.
#[derive(Clone, Debug)]
pub(crate) struct Verdict(pub(crate) String);

impl Verdict {
    pub(crate) fn of(refusal: &Refusal) -> Self {
        Self(format!("AADSTS{}", refusal.code))
    }

    pub(crate) fn record(self, response: &mut HttpResponse) {
        response.extensions_mut().insert(self);
    }
}

/// The last requests to the protocol endpoints, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    calls: VecDeque<RecordedCall>,
    /// The number of all requests so far.
    count: u64,
}

const MAX_CALLS: usize = 2_000;

impl Journal {
    /// Adds a request; [`Journal::finish`] takes the returned number.
    pub(crate) fn begin(&self, mut call: RecordedCall) -> u64 {
        let mut entries = lock(&self.entries);
        entries.count = entries.count.saturating_add(1);
        call.number = entries.count;
        if entries.calls.len() >= MAX_CALLS {
            entries.calls.pop_front();
        }
        entries.calls.push_back(call);
        entries.count
    }

    /// Adds the outcome of a request.
    pub(crate) fn finish(&self, number: u64, status: u16, verdict: String) {
        if let Some(call) = lock(&self.entries)
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
        lock(&self.entries).calls.iter().cloned().collect()
    }

    /// Returns and forgets the requests.
    pub(crate) fn take(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut lock(&self.entries).calls).into()
    }
}
