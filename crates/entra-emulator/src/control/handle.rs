use std::sync::Arc;

use serde::Serialize;

use super::Mint;
use crate::directory::{Directory, User};
use crate::faults::{Endpoint, Faults};
use crate::http::RecordedCall;
use crate::keys::{FOREIGN_KEY, KeyRoll, KeyScope, jwk, pooled};
use crate::state::State;
use crate::switches::Switches;
use crate::sync::{lock, read, write};

/// The handle on a running emulator: faults, keys, users, clock, and what was asked of it.
#[derive(Clone)]
pub struct Control {
    state: Arc<State>,
}

/// Why an order cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// There is no such user.
    #[error(
        "there is no user {0:?}; use an object id, a sign-in name or an e-mail address of the directory"
    )]
    UnknownUser(String),
    /// There is no such application.
    #[error("there is no application {0:?}; use a client id of the directory")]
    UnknownApplication(String),
    /// A key or a token cannot be made.
    #[error("{0}")]
    Key(String),
}

/// What has happened since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Codes issued and not redeemed or expired.
    pub pending_codes: usize,
    /// Codes that were presented a second time.
    pub replayed_codes: u64,
    /// Refreshes that were asked for with a genuine refresh token.
    pub refreshes: u64,
    /// Refresh tokens used a second time in strict mode.
    pub reused_refresh_tokens: u64,
}

impl Control {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// The fault switches.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(Arc::clone(&self.state))
    }

    /// Rolls the signing keys.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn rotate_keys(&self, roll: KeyRoll) -> Result<(), ControlError> {
        write(&self.state.keys)
            .roll(roll)
            .map_err(|error| ControlError::Key(error.to_string()))
    }

    /// The `kid` that signs now.
    #[must_use]
    pub fn signing_kid(&self) -> String {
        read(&self.state.keys).signing().kid.clone()
    }

    /// The key set of the attacker who signs with [`Seal::Foreign`](crate::Seal::Foreign), for a test that serves it where
    /// `jku` points.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn foreign_key_set(&self) -> Result<String, ControlError> {
        let key = pooled(FOREIGN_KEY).map_err(|error| ControlError::Key(error.to_string()))?;
        Ok(format!(
            "{{\"keys\":[{}]}}",
            jwk(&key, &KeyScope::Legacy).to_text()
        ))
    }

    /// How many of the remembered requests went to an endpoint.
    #[must_use]
    pub fn count_calls(&self, endpoint: Endpoint) -> usize {
        self.calls()
            .iter()
            .filter(|call| call.endpoint == endpoint)
            .count()
    }

    /// The last 2,000 requests to the protocol endpoints, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.state.journal.calls()
    }

    /// As [`Control::calls`], and forgets them.
    #[must_use]
    pub fn take_calls(&self) -> Vec<RecordedCall> {
        self.state.journal.take()
    }

    /// What has happened since the start.
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

    /// The switches as they are.
    #[must_use]
    pub fn switches(&self) -> Switches {
        read(&self.state.switches).clone()
    }

    /// Changes the switches.
    pub fn set_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut write(&self.state.switches));
    }

    /// Signs this user in without a page from now on; `None`: pages again.
    pub fn auto_sign_in(&self, user: Option<&str>) {
        self.set_switches(|switches| switches.auto_sign_in = user.map(str::to_owned));
    }

    /// Sets the emulator's clock so many seconds ahead of (or behind) the machine's.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state.clock.set_offset(seconds);
    }

    /// The emulator's time, seconds since the epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.state.clock.now()
    }

    /// The directory as it is.
    #[must_use]
    pub fn directory(&self) -> Directory {
        read(&self.state.directory).clone()
    }

    /// Changes the directory: users, groups, applications. What was issued before keeps its claims.
    pub fn edit_directory(&self, change: impl FnOnce(&mut Directory)) {
        change(&mut write(&self.state.directory));
    }

    /// Changes one user, found by object id, sign-in name or e-mail address.
    ///
    /// # Errors
    /// When there is no such user.
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

    /// Disables a user: sign-ins show 50057, refreshes end in `invalid_grant`.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn disable_user(&self, name: &str) -> Result<(), ControlError> {
        self.edit_user(name, |user| user.account_enabled = false)
    }

    /// Enables a user again.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn enable_user(&self, name: &str) -> Result<(), ControlError> {
        self.edit_user(name, |user| user.account_enabled = true)
    }

    /// Ends every session of a user: refresh tokens, sign-in cookies and Graph tokens stop working.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn revoke_sessions(&self, name: &str) -> Result<(), ControlError> {
        let id = read(&self.state.directory)
            .find_user(name, None)
            .map(|user| user.id.clone());
        self.state
            .revoke(&id.ok_or_else(|| ControlError::UnknownUser(name.to_owned()))?);
        Ok(())
    }

    /// Forgets every consent that was given on a page.
    pub fn withdraw_consents(&self) {
        lock(&self.state.grants).withdraw_consents();
    }

    /// Registers a redirect URI of the platform "Web" for an application.
    ///
    /// # Errors
    /// When there is no such application.
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

    /// A token of any header and claims; begins with nothing, or from a right ID or access token.
    pub fn mint(&self) -> Mint {
        Mint::new(Arc::clone(&self.state))
    }
}
