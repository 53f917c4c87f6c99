//! Detects another deployment on the same host name that uses the same cookie names.
//!
//! A browser keeps one cookie of a name for all ports of a host (RFC 6265 section 8.5), so each
//! deployment replaces the session cookie of the other.

use super::{BindingCookie, DeploymentNumber};
use crate::{config::Config, observe::LogOnce};

/// The number of this deployment, and whether another one with the same cookie names was detected.
pub(super) struct Deployment {
    number: DeploymentNumber,
    collision_log: LogOnce,
}

impl Deployment {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            number: DeploymentNumber::of(&config.redirect_uri(), &config.client_id),
            collision_log: LogOnce::default(),
        }
    }

    pub(super) const fn number(&self) -> DeploymentNumber {
        self.number
    }

    /// Whether another deployment has replaced this browser's session cookie: the cookie belongs to no
    /// session here (`unknown_session`), and another deployment completed the last sign-in.
    ///
    /// Logs the first case only. A browser can forge both, so the result only decides the text of an
    /// error page.
    pub(super) fn is_displaced(
        &self,
        config: &Config,
        browser: &BindingCookie,
        unknown_session: bool,
    ) -> bool {
        let other = browser.deployment().filter(|last| *last != self.number);
        let Some(other) = other.filter(|_| unknown_session) else {
            return false;
        };
        if self.collision_log.is_first() {
            tracing::warn!(
                cookie = config.cookies.session,
                redirect_uri = config.redirect_uri(),
                deployment = %self.number,
                other_deployment = %other,
                "{SHARED_COOKIE_NAME} (nothing has to be done where AAD_BASE_URL, AAD_REDIRECT_PATH \
                 or AAD_CLIENT_ID was changed less than two hours ago: then the other deployment is \
                 this one before the change)"
            );
        }
        true
    }
}

/// The problem and its remedy, for log and operator.
pub(super) const SHARED_COOKIE_NAME: &str = "another deployment on this host name has the same \
    cookie names, so that a sign-in at one of them ends the session at the other: set \
    AAD_COOKIE_NAME to a name of its own at each of them";
