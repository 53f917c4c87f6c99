use std::collections::{BTreeSet, HashMap};

/// Which applications were signed in to in which browser session: who gets a front-channel frame.
#[derive(Default)]
pub(crate) struct ClientSessions {
    sessions: HashMap<String, Signed>,
}

#[derive(Default)]
struct Signed {
    applications: BTreeSet<String>,
    last: i64,
}

const MAX_SESSIONS: usize = 50_000;
const LIFETIME: i64 = 24 * 3600;

impl ClientSessions {
    pub(crate) fn remember(&mut self, sid: &str, app_id: &str, now: i64) {
        if self.sessions.len() >= MAX_SESSIONS {
            self.sessions
                .retain(|_, signed| signed.last > now.saturating_sub(LIFETIME));
        }
        if self.sessions.len() < MAX_SESSIONS || self.sessions.contains_key(sid) {
            let signed = self.sessions.entry(sid.to_owned()).or_default();
            signed.applications.insert(app_id.to_owned());
            signed.last = now;
        }
    }

    /// Ends a browser session; gives the applications in it.
    pub(crate) fn end(&mut self, sid: &str) -> Vec<String> {
        self.sessions
            .remove(sid)
            .map(|signed| signed.applications.into_iter().collect())
            .unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }
}
