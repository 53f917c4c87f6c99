//! PURE: whether a session is live, by its times and the mark of all sessions.

use super::{Session, Sessions};
use crate::clock::Timestamp;

/// The status of a stored session.
pub(super) enum SessionStatus {
    /// It is live. Nothing needs to be written.
    Live,
    /// It is live, and its idle timeout is due for an extension.
    ExtensionDue,
    /// Its idle or absolute timeout has passed.
    Expired,
    /// All sessions that began before a mark were ended, this one with them.
    Revoked,
    /// It is live, and was stored while a clock was ahead.
    FromFuture,
}

impl Sessions {
    /// The status of a session whose idle timeout was last extended at `touched`.
    pub(super) fn status(
        &self,
        session: &Session,
        touched: Timestamp,
        now: Timestamp,
    ) -> SessionStatus {
        self.clock_watch.look(now);
        if now >= session.ends_at() || now >= touched + self.limits.idle {
            SessionStatus::Expired
        } else if self.is_void(session.began(), now) {
            SessionStatus::Revoked
        } else if self
            .clock_watch
            .is_to_be_corrected(session.signed_in_at(), now)
        {
            SessionStatus::FromFuture
        } else if now.since(touched) >= self.limits.touch_interval()
            || self.clock_watch.is_to_be_corrected(touched, now)
        {
            SessionStatus::ExtensionDue
        } else {
            SessionStatus::Live
        }
    }
}
