//! The binding cookie: binds sign-in attempts to the browser in which they began.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::{BindingDigest, DeploymentNumber, short_digest::short_digest};
use crate::{
    clock::Timestamp,
    random::{self, Random},
};

/// The value of the binding cookie: `<random>.<count>.<minute>`, after a completed sign-in followed by
/// `.<deployment>`.
///
/// Only the 128 random bits are hashed into an attempt. The other parts are not authenticated: the
/// number of recently completed sign-ins (for the loop detector), the minute since the epoch from
/// which they count, and the deployment that completed the last one.
#[derive(Clone, Eq, PartialEq)]
pub struct BindingCookie {
    random: [u8; 16],
    completed: u8,
    since_minute: u32,
    deployment: Option<DeploymentNumber>,
}

impl BindingCookie {
    /// A cookie for a browser that has none.
    pub fn new(random: &dyn Random) -> Self {
        Self {
            random: random::bytes(random),
            completed: 0,
            since_minute: 0,
            deployment: None,
        }
    }

    /// Parses the value of a cookie. `None` if it has not the form that this crate writes.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value)
            .ok()
            .filter(|text| text.len() <= MAX_VALUE)?;
        let mut parts = text.split('.');
        let mut random = [0; 16];
        let first = parts.next().filter(|first| first.len() == RANDOM_LENGTH)?;
        if URL_SAFE_NO_PAD.decode_slice(first, &mut random) != Ok(16) {
            return None;
        }
        let browser = Self {
            random,
            completed: parts.next()?.parse().ok()?,
            since_minute: parts.next()?.parse().ok()?,
            deployment: match parts.next() {
                Some(number) => DeploymentNumber::read(number.parse().ok()?),
                None => None,
            },
        };
        parts.next().is_none().then_some(browser)
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> String {
        let random = URL_SAFE_NO_PAD.encode(self.random);
        let value = format!("{random}.{}.{}", self.completed, self.since_minute);
        match self.deployment {
            Some(number) => format!("{value}.{number}"),
            None => value,
        }
    }

    /// The deployment that completed this browser's last sign-in. `None` if unknown.
    pub(super) const fn deployment(&self) -> Option<DeploymentNumber> {
        self.deployment
    }

    /// The digest that an attempt holds.
    pub(crate) fn digest(&self) -> BindingDigest {
        short_digest(&self.random)
    }

    /// Whether an attempt began in this browser.
    pub(crate) fn began(&self, digest: &BindingDigest) -> bool {
        self.digest().ct_eq(digest).into()
    }

    /// The cookie after one more completed sign-in, at this deployment.
    #[must_use]
    pub(super) fn completed_at(&self, now: Timestamp, deployment: DeploymentNumber) -> Self {
        let minute = minute(now);
        let recent = minute.saturating_sub(self.since_minute) < LOOP_MINUTES;
        Self {
            completed: if recent {
                self.completed.saturating_add(1)
            } else {
                1
            },
            since_minute: if recent { self.since_minute } else { minute },
            deployment: Some(deployment),
            ..self.clone()
        }
    }

    /// Whether sign-ins loop: four were completed within two minutes, so the session does not last.
    pub(crate) fn is_looping(&self, now: Timestamp) -> bool {
        self.has_completed(LOOP_COUNT, now)
    }

    /// Whether more than one sign-in was completed recently, so that another one will not help.
    pub(crate) fn is_repeating(&self, now: Timestamp) -> bool {
        self.has_completed(2, now)
    }

    fn has_completed(&self, count: u8, now: Timestamp) -> bool {
        self.completed >= count && minute(now).saturating_sub(self.since_minute) < LOOP_MINUTES
    }
}

/// Shows no field: the random part must not get into logs.
impl fmt::Debug for BindingCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BindingCookie")
    }
}

fn minute(now: Timestamp) -> u32 {
    u32::try_from(now.seconds() / 60).unwrap_or(u32::MAX)
}

const RANDOM_LENGTH: usize = 22;
const MAX_VALUE: usize = 64;
/// The fifth sign-in within two minutes ends in an error page.
const LOOP_COUNT: u8 = 4;
const LOOP_MINUTES: u32 = 2;

#[cfg(test)]
#[path = "binding_cookie_tests.rs"]
mod tests;
