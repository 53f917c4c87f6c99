//! The `state` of an end-session request: what the page says to which the provider leads back.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{BindingCookie, Engine, attempt::BindingDigest};
use crate::{clock::Timestamp, config::ReturnTo};

/// What the signed-out page has to say.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SignedOut {
    /// A link to go on with.
    pub return_to: Option<ReturnTo>,
    /// Whether the provider was asked to end its session too.
    pub at_provider: bool,
    /// Whether the user's sessions in other browsers were to end too, and could not be found, since
    /// this browser had no session any more.
    #[serde(default)]
    pub others_left: bool,
}

/// The sealed `state`: true of one browser, and for a short time.
#[derive(Deserialize, Serialize)]
struct State {
    page: SignedOut,
    expires_at: Timestamp,
    browser: BindingDigest,
}

impl Engine {
    /// Seals what the page is to say, for the browser with this binding cookie.
    pub(super) fn seal_signed_out(&self, page: SignedOut, browser: &BindingCookie) -> String {
        let state = State {
            page,
            expires_at: self.clock.now() + LIFE,
            browser: browser.digest(),
        };
        let json = serde_json::to_vec(&state).unwrap_or_default();
        let sealed = self
            .sign_outs
            .seal(&*self.random, self.keys.label().as_bytes(), &json);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// What the `state` of a return from the provider's sign-out says. `None` unless this
    /// application has sealed it for this browser, less than ten minutes ago.
    pub fn signed_out(
        &self,
        state: Option<&str>,
        browser: Option<&BindingCookie>,
    ) -> Option<SignedOut> {
        let sealed = URL_SAFE_NO_PAD
            .decode(state.filter(|state| state.len() < MAX_STATE)?)
            .ok()?;
        let opened = self
            .sign_outs
            .open(self.keys.label().as_bytes(), &sealed)
            .ok()?;
        let state: State = serde_json::from_slice(&opened.plaintext).ok()?;
        let fits = self.clock.now() < state.expires_at && browser?.began(&state.browser);
        fits.then_some(state.page)
    }
}

/// A sign-out at the provider asks at most which account is meant. After this time the address is
/// one of the history, and says nothing about the present.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// The longest `state` that is read, in characters.
const MAX_STATE: usize = 4096;
