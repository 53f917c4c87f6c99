//! The provider is not available.

use std::time::Duration;

use super::Misconfiguration;

/// The provider is not available at the moment. The answer is 503 with `Retry-After`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the identity provider is not available")]
pub struct Unavailable {
    /// The value of `Retry-After`; at least one second.
    pub retry_after: Duration,
    /// What an operator has to change. `None` where the next attempt may succeed without a change.
    pub misconfiguration: Option<Misconfiguration>,
}

impl Unavailable {
    /// Retry after one second.
    pub(crate) const fn soon() -> Self {
        Self {
            retry_after: Duration::from_secs(1),
            misconfiguration: None,
        }
    }

    /// Retry after `pause`, rounded up to whole seconds.
    pub(super) fn after(pause: Duration) -> Self {
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        Self {
            retry_after: Duration::from_secs(seconds.max(1)),
            misconfiguration: None,
        }
    }
}
