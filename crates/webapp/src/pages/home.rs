//! The home page: whether the user is signed in, and the details of the session.

use aad_auth::session::Timestamp;
use serde::Serialize;

use super::{Moment, site::ProviderInfo};

/// The data of `home.html`.
#[derive(Debug, Serialize)]
pub struct HomePage {
    /// `None` where no user is signed in.
    pub session: Option<SessionDetails>,
    /// The identity provider.
    pub provider: ProviderInfo,
}

/// The session of the signed-in user, for display.
#[derive(Serialize)]
pub struct SessionDetails {
    /// The user's display name.
    pub name: String,
    /// The identity provider.
    pub provider: String,
    /// `None` at providers other than Entra ID.
    pub tenant_id: Option<String>,
    /// Start of the session.
    pub signed_in: Moment,
    /// End of the session if no further request comes.
    pub idle_ends: Moment,
    /// Latest end of the session.
    pub ends: Moment,
    /// The bar of elapsed time.
    pub span: SessionSpan,
    /// The kind of session store, as a phrase.
    pub store: String,
    /// The name of the process that has answered.
    pub instance: String,
}

impl std::fmt::Debug for SessionDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionDetails")
    }
}

/// Elapsed time of a session, in whole percents from its start to its latest end.
#[derive(Debug, Serialize)]
pub struct SessionSpan {
    past_percent: u64,
    idle_percent: u64,
    label: String,
}

impl SessionSpan {
    /// Places `now` and `idle_ends` between `start` and `end`.
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
        let span = SessionSpan::new(at(100), at(150), at(200), at(125));
        assert_eq!((span.past_percent, span.idle_percent), (25, 50));
        let span = SessionSpan::new(at(100), at(500), at(200), at(50));
        assert_eq!((span.past_percent, span.idle_percent), (0, 100));
        assert_eq!(SessionSpan::new(at(5), at(5), at(5), at(5)).past_percent, 0);
    }
}
