//! What is known of one connection.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
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

    /// The socket takes bytes again. That alone renews no deadline: with TLS a client can have
    /// answers that carry nothing, as many as it likes.
    pub(super) fn sent(&self) {
        self.state().blocked = None;
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
            // Not the moment, but since when the request lasts: bytes that drip keep nobody here.
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
            (Some(since), _) => past(since) > limits.write,
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

impl State {
    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    const fn is_between_requests(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Head)
    }
}
