//! The state of one connection.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::limits::Limits;

/// The shared state of one connection. Its stream and its requests write it, the register reads it.
#[derive(Debug)]
pub(super) struct Watch {
    state: Mutex<ConnectionState>,
    closed: Notify,
}

#[derive(Debug)]
struct ConnectionState {
    phase: Phase,
    /// The start of the phase, or the last write of a part of an answer.
    since: Instant,
    /// The time since which the client has taken none of the ready bytes.
    blocked: Option<Instant>,
    /// How long the client has left answers untaken before, less the time that its bytes have earned.
    kept_waiting: Duration,
    /// Whether an answer of the application is not yet written completely.
    answer_pending: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Between two requests, before the first byte of the next.
    Idle,
    /// New, or receiving a request's head, or the rest of a body that no handler reads.
    Head,
    /// The application waits for more of the request's body.
    Body,
    /// The application serves the request, or produces its answer.
    Serving,
}

/// The order in which connections are closed where there is no room.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Waiting {
    Idle(Instant),
    ForClient(Instant),
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(ConnectionState {
                phase: Phase::Head,
                since: Instant::now(),
                blocked: None,
                kept_waiting: Duration::ZERO,
                answer_pending: false,
            }),
            closed: Notify::new(),
        }
    }

    /// Reports received bytes.
    pub(super) fn received(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.begin(Phase::Head);
        }
    }

    /// Reports that the socket has taken bytes, which earn the client time for more.
    ///
    /// They renew no other deadline: with TLS a client can cause any number of answers without content.
    pub(super) fn sent(&self, bytes: usize) {
        let mut state = self.state();
        if let Some(since) = state.blocked.take() {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            let earned = Duration::from_secs(bytes.into()) / SLOWEST;
            let waited = state.kept_waiting.saturating_add(since.elapsed());
            state.kept_waiting = waited.saturating_sub(earned);
        }
    }

    /// Reports that the client does not take ready bytes.
    pub(super) fn blocked(&self) {
        self.state().blocked.get_or_insert_with(Instant::now);
    }

    /// Reports that the application gets a request.
    pub(super) fn begin_request(&self) {
        let mut state = self.state();
        state.answer_pending = true;
        state.begin(Phase::Serving);
    }

    /// Reports whether the application waits for the request's body.
    pub(super) fn awaits_body(&self, awaits: bool) {
        let mut state = self.state();
        match (state.phase, awaits) {
            // `since` stays the start of the request: single bytes do not renew it.
            (Phase::Serving, true) => state.phase = Phase::Body,
            (Phase::Body, false) => state.phase = Phase::Serving,
            _ => {}
        }
    }

    /// Reports that the last byte of the application's answer has been written.
    pub(super) fn end_request(&self) {
        self.state().begin(Phase::Idle);
    }

    /// Reports that a part of an answer has been written.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.is_between_requests() {
            state.since = Instant::now();
        }
    }

    /// Reports that all written bytes have been sent.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if state.answer_pending && state.is_between_requests() {
            state.answer_pending = false;
            state.since = Instant::now();
        }
    }

    /// Whether bytes that are written now can only be a bare answer of Actix.
    pub(super) fn is_bare_answer(&self) -> bool {
        !self.state().answer_pending
    }

    pub(super) fn is_overdue(&self, now: Instant, limits: &Limits) -> bool {
        let state = self.state();
        let past = |since: Instant| now.saturating_duration_since(since);
        match (state.blocked, state.phase) {
            (Some(since), _) => past(since).saturating_add(state.kept_waiting) > limits.write,
            (None, Phase::Idle | Phase::Head) => past(state.since) > limits.head,
            // The deadline of a body is that of its reader.
            (None, Phase::Body | Phase::Serving) => false,
        }
    }

    /// The time since which it waits for its client; `None` while the application serves.
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

    /// Completes when the connection is to be closed.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slowest rate at which a client may take an answer, in bytes a second.
const SLOWEST: u32 = 500;

impl ConnectionState {
    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    const fn is_between_requests(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Head)
    }
}
