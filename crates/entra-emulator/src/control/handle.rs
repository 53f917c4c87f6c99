//! The handle by which tests control a running emulator.

use std::sync::Arc;

use serde::Serialize;

use super::{ControlError, Faults, Mint};
use crate::directory::{Directory, User};
use crate::faults::Endpoint;
use crate::http::RecordedCall;
use crate::keys::KeyRoll;
use crate::state::State;
use crate::switches::Switches;
use crate::sync::{lock, read, write};

/// The handle of a running emulator: its faults, keys, users and clock, and the requests that it received.
///
/// It can be cloned and sent to other threads.
///
/// ```
/// use entra_emulator::{Emulator, Endpoint, KeyRoll};
///
/// let emulator = Emulator::builder().start()?;
/// let control = emulator.control();
/// control.auto_sign_in(Some("ada@northwind.example.test"));
/// control.rotate_keys(KeyRoll::PublishAndSign).unwrap();
/// control.disable_user("ada@northwind.example.test").unwrap();
/// assert_eq!(control.count_calls(Endpoint::Token), 0);
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[derive(Clone)]
pub struct Control {
    state: Arc<State>,
}

/// What an emulator has counted since its start; see [`Control::counters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// The codes that can still be redeemed.
    pub pending_codes: usize,
    /// The redeemed codes that were presented again.
    pub replayed_codes: u64,
    /// The uses of valid refresh tokens.
    pub refreshes: u64,
    /// The refresh tokens that were used again in strict mode.
    pub reused_refresh_tokens: u64,
}

impl Control {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Returns the faults of the emulator.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(Arc::clone(&self.state))
    }

    /// Changes the signing keys.
    ///
    /// # Errors
    /// [`ControlError::Key`].
    pub fn rotate_keys(&self, roll: KeyRoll) -> Result<(), ControlError> {
        write(&self.state.keys)
            .roll(roll)
            .map_err(|error| ControlError::Key(error.to_string()))
    }

    /// Returns the `kid` of the signing key.
    #[must_use]
    pub fn signing_kid(&self) -> String {
        read(&self.state.keys).signing().kid.clone()
    }

    /// Counts the requests of [`Control::calls`] to an endpoint.
    #[must_use]
    pub fn count_calls(&self, endpoint: Endpoint) -> usize {
        self.calls()
            .iter()
            .filter(|call| call.endpoint == endpoint)
            .count()
    }

    /// Returns the last 2,000 requests to the protocol endpoints, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.state.journal.calls()
    }

    /// As [`Control::calls`], and removes them.
    #[must_use]
    pub fn take_calls(&self) -> Vec<RecordedCall> {
        self.state.journal.take()
    }

    /// Returns what the emulator has counted since its start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let now = self.state.clock.now();
        let codes = lock(&self.state.codes);
        let (pending_codes, replayed_codes) = (codes.pending(now), codes.replays());
        drop(codes);
        let grants = lock(&self.state.grants);
        let (refreshes, reused_refresh_tokens) = (grants.refreshes(), grants.reuses());
        drop(grants);
        Counters {
            pending_codes,
            replayed_codes,
            refreshes,
            reused_refresh_tokens,
        }
    }

    /// Returns the switches.
    #[must_use]
    pub fn switches(&self) -> Switches {
        read(&self.state.switches).clone()
    }

    /// Changes the switches.
    pub fn set_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut write(&self.state.switches));
    }

    /// Signs this user in without a page from now on; `None` shows the pages again.
    pub fn auto_sign_in(&self, user: Option<&str>) {
        self.set_switches(|switches| switches.auto_sign_in = user.map(str::to_owned));
    }

    /// Sets the emulator's clock to the machine's time plus `seconds`, which may be negative.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state.clock.set_offset(seconds);
    }

    /// Returns the emulator's time, seconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.state.clock.now()
    }

    /// Returns a copy of the directory.
    #[must_use]
    pub fn directory(&self) -> Directory {
        read(&self.state.directory).clone()
    }

    /// Changes the directory. Tokens that were issued before keep their claims.
    pub fn edit_directory(&self, change: impl FnOnce(&mut Directory)) {
        change(&mut write(&self.state.directory));
    }

    /// Changes one user, found by object id, sign-in name or e-mail address.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`].
    pub fn edit_user(
        &self,
        name: &str,
        change: impl FnOnce(&mut User),
    ) -> Result<(), ControlError> {
        let mut directory = write(&self.state.directory);
        let id = directory.find_user(name, None).map(|user| user.id.clone());
        let user = directory
            .users
            .iter_mut()
            .find(|user| Some(&user.id) == id.as_ref());
        change(user.ok_or_else(|| ControlError::UnknownUser(name.to_owned()))?);
        Ok(())
    }

    /// Disables a user: sign-ins show AADSTS50057, and refreshes answer `invalid_grant`.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`].
    pub fn disable_user(&self, name: &str) -> Result<(), ControlError> {
        self.edit_user(name, |user| user.account_enabled = false)
    }

    /// Enables a user again.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`].
    pub fn enable_user(&self, name: &str) -> Result<(), ControlError> {
        self.edit_user(name, |user| user.account_enabled = true)
    }

    /// Revokes all sessions of a user: refresh tokens, sign-in cookies and Graph tokens.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`].
    pub fn revoke_sessions(&self, name: &str) -> Result<(), ControlError> {
        let id = read(&self.state.directory)
            .find_user(name, None)
            .map(|user| user.id.clone());
        self.state
            .revoke(&id.ok_or_else(|| ControlError::UnknownUser(name.to_owned()))?);
        Ok(())
    }

    /// Withdraws all consents that users gave on a page.
    pub fn withdraw_consents(&self) {
        lock(&self.state.grants).withdraw_consents();
    }

    /// Registers a redirect URI of the platform "Web" for an application.
    ///
    /// # Errors
    /// [`ControlError::UnknownApplication`].
    pub fn register_redirect_uri(&self, app_id: &str, uri: &str) -> Result<(), ControlError> {
        let mut directory = write(&self.state.directory);
        let application = directory
            .applications
            .iter_mut()
            .find(|application| application.app_id == app_id);
        let application =
            application.ok_or_else(|| ControlError::UnknownApplication(app_id.to_owned()))?;
        if !application
            .web
            .redirect_uris
            .iter()
            .any(|known| known == uri)
        {
            application.web.redirect_uris.push(uri.to_owned());
        }
        Ok(())
    }

    /// Starts a token with any header and claims.
    pub fn mint(&self) -> Mint {
        Mint::new(Arc::clone(&self.state))
    }
}
