//! Deployments that share a host name: a browser keeps one cookie of a name for all ports and paths
//! of a host (RFC 6265 section 8.5), so that with the same names each replaces the other's session.

use std::fmt;

use aws_lc_rs::digest;

use super::BindingCookie;
use crate::{config::Config, observe::LogOnce};

/// Tells one deployment from another: a digest of redirect URI and client id. Both are public, so
/// that the number may stand in a cookie and in a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeploymentNumber(u32);

impl DeploymentNumber {
    /// The number of the deployment with this redirect URI and client id.
    pub fn of(redirect_uri: &str, client_id: &str) -> Self {
        let input = format!("deployment\0{redirect_uri}\0{client_id}");
        let digest = digest::digest(&digest::SHA256, input.as_bytes());
        let start = digest.as_ref().first_chunk().copied().unwrap_or_default();
        Self(u32::from_be_bytes(start) | MARK)
    }

    /// Reads a number. `None` when it is none of a deployment: earlier releases wrote a minute at
    /// the same place, which is always smaller.
    pub const fn read(number: u32) -> Option<Self> {
        if number & MARK == 0 {
            None
        } else {
            Some(Self(number))
        }
    }
}

impl fmt::Display for DeploymentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const MARK: u32 = 1 << 31;

/// This deployment, and whether another one with the same cookie names was noticed.
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

    /// Whether another deployment has replaced this browser's session cookie: the cookie is of no
    /// session of ours (`unknown_session`), and the browser completed its last sign-in elsewhere.
    ///
    /// Logs the first time only. A stranger can forge both for their own browser, so nothing else
    /// follows but the words of an error page.
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

/// What happened, and the remedy.
pub(super) const SHARED_COOKIE_NAME: &str = "another deployment on this host name has the same \
    cookie names, so that a sign-in at one of them ends the session at the other: set \
    AAD_COOKIE_NAME to a name of its own at each of them";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r100_deployments_differ_by_redirect_uri_and_by_client_id() {
        let own = DeploymentNumber::of("https://a.test/one/auth/redirect", "client");
        assert_eq!(own, DeploymentNumber::read(own.0).unwrap());
        for (redirect_uri, client) in [
            ("https://a.test/two/auth/redirect", "client"),
            ("https://a.test:8443/one/auth/redirect", "client"),
            ("https://a.test/one/auth/redirect", "other"),
            ("https://a.test/one/auth/redirect\0", "client"),
        ] {
            assert_ne!(own, DeploymentNumber::of(redirect_uri, client));
        }
    }

    #[test]
    fn what_an_earlier_release_wrote_is_no_deployment() {
        for minute in [0, 30_000_010, MARK - 1] {
            assert_eq!(DeploymentNumber::read(minute), None);
        }
    }
}
