//! The number that distinguishes deployments on one host name.

use std::fmt;

use aws_lc_rs::digest;

/// The number of a deployment: a digest of redirect URI and client id. Both are public, so the number
/// may appear in cookies and logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DeploymentNumber(u32);

impl DeploymentNumber {
    /// The number of the deployment with this redirect URI and client id.
    pub(super) fn of(redirect_uri: &str, client_id: &str) -> Self {
        let input = format!("deployment\0{redirect_uri}\0{client_id}");
        let digest = digest::digest(&digest::SHA256, input.as_bytes());
        let start = digest.as_ref().first_chunk().copied().unwrap_or_default();
        Self(u32::from_be_bytes(start) | MARK)
    }

    /// Reads a number from a cookie. `None` if it is no deployment's: earlier releases wrote a minute
    /// here, which is always smaller.
    pub(super) const fn read(number: u32) -> Option<Self> {
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

/// Set in every number, so that a minute since the epoch is none.
const MARK: u32 = 1 << 31;

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
