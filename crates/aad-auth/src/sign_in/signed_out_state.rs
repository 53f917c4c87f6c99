//! The `state` of an end-session request: the content of the signed-out page.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{BindingCookie, BindingDigest, Engine};
use crate::{clock::Timestamp, config::ReturnTo};

/// The content of the signed-out page.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SignedOut {
    /// The address of the link on the page.
    pub(crate) return_to: Option<ReturnTo>,
    /// Whether the provider was asked to end its session.
    pub(crate) at_provider: bool,
    /// Whether the sessions in other browsers were to end too, but could not be found, because this
    /// browser had no session.
    #[serde(default)]
    pub(crate) others_left: bool,
}

/// The sealed `state`. It is valid in one browser, for ten minutes.
#[derive(Deserialize, Serialize)]
struct SealedState {
    page: SignedOut,
    expires_at: Timestamp,
    browser: BindingDigest,
}

impl Engine {
    /// Seals the content of the page for the browser with this binding cookie.
    pub(super) fn seal_signed_out(&self, page: SignedOut, browser: &BindingCookie) -> String {
        let state = SealedState {
            page,
            expires_at: self.clock.now() + STATE_LIFETIME,
            browser: browser.digest(),
        };
        let json = serde_json::to_vec(&state).unwrap_or_default();
        let sealed = self
            .sign_outs
            .seal(&*self.random, self.keys.label().as_bytes(), &json);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens the `state` after the sign-out at the provider. `None` unless this application sealed it for
    /// this browser less than ten minutes ago.
    pub(crate) fn signed_out(
        &self,
        state: Option<&str>,
        browser: Option<&BindingCookie>,
    ) -> Option<SignedOut> {
        let sealed = URL_SAFE_NO_PAD
            .decode(state.filter(|state| state.len() < MAX_SIGNED_OUT_STATE)?)
            .ok()?;
        let opened = self
            .sign_outs
            .open(self.keys.label().as_bytes(), &sealed)
            .ok()?;
        let state: SealedState = serde_json::from_slice(&opened.plaintext).ok()?;
        let fits = self.clock.now() < state.expires_at && browser?.began(&state.browser);
        fits.then_some(state.page)
    }
}

/// How long the `state` is valid. A sign-out at the provider asks at most for the account, so an older
/// address comes from the browser's history.
const STATE_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The longest `state` that is opened, in characters.
const MAX_SIGNED_OUT_STATE: usize = 4096;
