//! What is known of one connection.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::Limits;

/// The state of one connection. Its stream and its requests write it, the register reads it.
#[derive(Debug)]
pub(super) struct Watch {
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When the phase began, or a part of an answer was last handed to the stream.
    since: Instant,
    /// Since when the client has taken nothing of what is ready for it.
    blocked: Option<Instant>,
    /// How long the client has kept answers waiting before that, less what its bytes have earned.
    kept_waiting: Duration,
    /// Whether bytes of an application's answer may still be on their way to the stream.
    answer_pending: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Between two requests; nothing of the next one has come.
    Idle,
    /// New, or a part of a request's head has come, or the rest of a body that is not read.
    Head,
    /// The application waits for more of the request's body.
    Body,
    /// The application works, or its answer is being produced.
    Serving,
}

/// Which connections are closed first where there is no room.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Waiting {
    Idle(Instant),
    ForClient(Instant),
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Head,
                since: Instant::now(),
                blocked: None,
                kept_waiting: Duration::ZERO,
                answer_pending: false,
            }),
            closed: Notify::new(),
        }
    }

    /// Bytes have come.
    pub(super) fn received(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.begin(Phase::Head);
        }
    }

    /// The socket takes bytes again, which earn the client time to take more. They renew no other
    /// deadline: with TLS a client can have answers that carry nothing, as many as it likes.
    pub(super) fn sent(&self, bytes: usize) {
        let mut state = self.state();
        if let Some(since) = state.blocked.take() {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            let earned = Duration::from_secs(bytes.into()) / SLOWEST;
            let waited = state.kept_waiting.saturating_add(since.elapsed());
            state.kept_waiting = waited.saturating_sub(earned);
        }
    }

    /// Bytes are ready that the client does not take.
    pub(super) fn blocked(&self) {
        self.state().blocked.get_or_insert_with(Instant::now);
    }

    /// A request is handed to the application.
    pub(super) fn begin_request(&self) {
        let mut state = self.state();
        state.answer_pending = true;
        state.begin(Phase::Serving);
    }

    /// The application waits for the body, or no longer.
    pub(super) fn awaits_body(&self, awaits: bool) {
        let mut state = self.state();
        match (state.phase, awaits) {
            // `since` stays the start of the request: dripping bytes do not renew it.
            (Phase::Serving, true) => state.phase = Phase::Body,
            (Phase::Body, false) => state.phase = Phase::Serving,
            _ => {}
        }
    }

    /// The application's answer has been handed over to the last byte.
    pub(super) fn end_request(&self) {
        self.state().begin(Phase::Idle);
    }

    /// The stream has taken a part of an answer.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.is_between_requests() {
            state.since = Instant::now();
        }
    }

    /// The client has been sent everything that was to be written.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if state.answer_pending && state.is_between_requests() {
            state.answer_pending = false;
            state.since = Instant::now();
        }
    }

    /// Whether what is written now can only be an answer of Actix itself.
    pub(super) fn is_bare_answer(&self) -> bool {
        !self.state().answer_pending
    }

    pub(super) fn is_overdue(&self, now: Instant, limits: &Limits) -> bool {
        let state = self.state();
        let past = |since: Instant| now.saturating_duration_since(since);
        match (state.blocked, state.phase) {
            (Some(since), _) => past(since).saturating_add(state.kept_waiting) > limits.write,
            (None, Phase::Idle | Phase::Head) => past(state.since) > limits.head,
            // How long a body may take is decided where it is read.
            (None, Phase::Body | Phase::Serving) => false,
        }
    }

    /// How long it has been waiting for its client; `None` while the application works.
    pub(super) fn waiting(&self) -> Option<Waiting> {
        let state = self.state();
        match (state.blocked, state.phase) {
            (Some(since), _) => Some(Waiting::ForClient(since)),
            (None, Phase::Idle) => Some(Waiting::Idle(state.since)),
            (None, Phase::Head | Phase::Body) => Some(Waiting::ForClient(state.since)),
            (None, Phase::Serving) => None,
        }
    }

    pub(super) fn close(&self) {
        self.closed.notify_one();
    }

    /// Ends when the connection is to be closed.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At how many bytes a second a client may take an answer for which it keeps us waiting.
const SLOWEST: u32 = 500;

impl State {
    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    const fn is_between_requests(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Head)
    }
}
