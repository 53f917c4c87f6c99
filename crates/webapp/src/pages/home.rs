//! The home page: the state in one sentence, and how the session came to be.

use aad_auth::session::Timestamp;
use serde::Serialize;

use super::{Moment, site::Provider};

/// The data of `home.html`.
#[derive(Debug, Serialize)]
pub struct Home {
    /// Set when somebody is signed in.
    pub session: Option<Session>,
    /// Whom users sign in with.
    pub provider: Provider,
}

/// How the session came to be.
#[derive(Serialize)]
pub struct Session {
    /// The name to show.
    pub name: String,
    /// Who confirmed it.
    pub provider: String,
    /// The tenant's id, with Entra.
    pub tenant_id: Option<String>,
    /// When the session began.
    pub signed_in: Moment,
    /// When it ends without a further request.
    pub idle_ends: Moment,
    /// When it ends in any case.
    pub ends: Moment,
    /// The thin bar.
    pub span: Span,
    /// Where sessions are kept, in words.
    pub store: String,
    /// Which instance answered.
    pub instance: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

/// The session as a line from its start to its latest end, in whole percents.
#[derive(Debug, Serialize)]
pub struct Span {
    past_percent: u64,
    idle_percent: u64,
    label: String,
}

impl Span {
    /// `now` and `idle_ends` on the line from `start` to `end`.
    pub fn new(start: Timestamp, idle_ends: Timestamp, end: Timestamp, now: Timestamp) -> Self {
        let length = end.seconds().saturating_sub(start.seconds()).max(1);
        let percent = |at: Timestamp| {
            let part = at.seconds().saturating_sub(start.seconds()).min(length);
            part.saturating_mul(100) / length
        };
        let past_percent = percent(now);
        Self {
            past_percent,
            idle_percent: percent(idle_ends),
            label: format!("{past_percent} per cent of the longest possible session has passed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_stays_within_its_ends() {
        let at = Timestamp::from_seconds;
        let span = Span::new(at(100), at(150), at(200), at(125));
        assert_eq!((span.past_percent, span.idle_percent), (25, 50));
        let span = Span::new(at(100), at(500), at(200), at(50));
        assert_eq!((span.past_percent, span.idle_percent), (0, 100));
        assert_eq!(Span::new(at(5), at(5), at(5), at(5)).past_percent, 0);
    }
}
