//! Sessions and their store.

use std::{path::Path, time::Duration};

use super::ConfigBuilder;

impl ConfigBuilder {
    /// Adds a secret that seals sessions (`AAD_SESSION_SECRET`): base64 of 64 random bytes, the same on
    /// every replica.
    ///
    /// Required unless the base URL is on loopback. There the default is a secret that is generated in
    /// the state folder. Each further call adds an older secret, which opens sessions and seals none.
    pub fn session_secret(self, secret: impl AsRef<str>) -> Self {
        self.further_secret("AAD_SESSION_SECRET", secret.as_ref())
    }

    /// Sets the session store (`AAD_SESSION_STORE`): `memory`, `file:<path>`, `redis://…`,
    /// `redis+cluster://…` or `redis+sentinel://…`, with TLS `rediss…`. The default is a file in the
    /// state folder.
    ///
    /// The crate's features `file` and `redis` have these stores. `AuthBuilder::store` takes a store of
    /// the application's own instead.
    pub fn session_store(self, url: impl AsRef<str>) -> Self {
        self.text("AAD_SESSION_STORE", url.as_ref())
    }

    /// Sets the folder of the embedded store and of the generated secret (`AAD_STATE_DIR`).
    ///
    /// The default is the user's own state folder with [`or_env`](Self::or_env), and none without.
    pub fn state_dir(self, folder: impl AsRef<Path>) -> Self {
        self.path("AAD_STATE_DIR", folder.as_ref())
    }

    /// Sets the idle timeout (`AAD_SESSION_IDLE`): a session ends after this time without a request. The
    /// default is 8 h.
    ///
    /// Whole seconds, from 1 min to 90 days, and no longer than [`session_max`](Self::session_max).
    pub fn session_idle(self, timeout: Duration) -> Self {
        self.duration("AAD_SESSION_IDLE", timeout)
    }

    /// Sets the absolute timeout (`AAD_SESSION_MAX`): a session ends this time after the sign-in. The
    /// default is 24 h.
    ///
    /// Whole seconds, from 1 min to 90 days.
    pub fn session_max(self, timeout: Duration) -> Self {
        self.duration("AAD_SESSION_MAX", timeout)
    }

    /// Sets the most sessions of one user (`AAD_MAX_SESSIONS_PER_USER`), from 1 to 4000. A further sign-in
    /// ends the oldest one. By default there is no limit.
    pub fn max_sessions_per_user(self, sessions: usize) -> Self {
        self.number("AAD_MAX_SESSIONS_PER_USER", sessions)
    }

    /// Sets how often a refresh rechecks an active user (`AAD_RECHECK`). The default is 1 h.
    ///
    /// Whole seconds, from 1 min to 24 h.
    pub fn recheck(self, interval: Duration) -> Self {
        self.duration("AAD_RECHECK", interval)
    }
}
