//! The authorization request that a sign-in page carries in its form.

use serde::{Deserialize, Serialize};

use crate::directory::User;
use crate::http::Params;
use crate::seal::{Purpose, Sealer};

/// The authorization request of a page, sealed in its form. The seal also refuses forged posts.
#[derive(Deserialize, Serialize)]
pub(super) struct PageState {
    /// The authority's path: tenant, and user flow where there is one.
    pub(super) segment: String,
    pub(super) params: Params,
    /// The object id of the user whom the page asks; `None` on pages before an account is chosen.
    pub(super) user: Option<String>,
    /// Seconds since the Unix epoch.
    pub(super) expires_at: i64,
}

/// The time for which a page may stay open, seconds.
const LIFETIME: i64 = 3600;

impl PageState {
    pub(super) fn new(segment: &str, params: &Params, user: Option<&User>, now: i64) -> Self {
        Self {
            segment: segment.to_owned(),
            params: params.clone(),
            user: user.map(|user| user.id.clone()),
            expires_at: now.saturating_add(LIFETIME),
        }
    }

    pub(super) fn seal(&self, sealer: &Sealer) -> Option<String> {
        sealer.seal(Purpose::SignInPage, self, 0)
    }

    /// Opens the state in a page's form; `None` when the emulator did not seal it, or when it has expired.
    pub(super) fn open(sealer: &Sealer, form: &Params, now: i64) -> Option<Self> {
        let sealed = form.get("request").unwrap_or_default();
        let state: Self = sealer.open(Purpose::SignInPage, sealed)?;
        (state.expires_at > now).then_some(state)
    }
}
