//! The binding cookie: ties sign-in attempts to the browser they began in.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::{
    DeploymentNumber,
    attempt::{BindingDigest, short_digest},
};
use crate::{
    clock::Timestamp,
    random::{self, Random},
};

/// The value of the binding cookie: `<random>.<count>.<minute>`, and once a sign-in was completed
/// `.<deployment>`.
///
/// Only the 128 random bits are hashed into an attempt. The rest is advice that nobody vouches
/// for: how many sign-ins were completed lately (for the loop detector), counted from a minute
/// since the epoch, and which deployment completed the last one.
#[derive(Clone, Eq, PartialEq)]
pub struct BindingCookie {
    random: [u8; 16],
    completed: u8,
    since_minute: u32,
    deployment: Option<DeploymentNumber>,
}

impl BindingCookie {
    /// A browser that was not here before.
    pub fn new(random: &dyn Random) -> Self {
        Self {
            random: random::bytes(random),
            completed: 0,
            since_minute: 0,
            deployment: None,
        }
    }

    /// Reads a cookie's value. `None` when it is not one that this crate writes.
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

    /// The deployment that completed this browser's last sign-in. `None` where it is not known.
    pub const fn deployment(&self) -> Option<DeploymentNumber> {
        self.deployment
    }

    /// What goes into the state of an attempt.
    pub fn digest(&self) -> BindingDigest {
        short_digest(&self.random)
    }

    /// Whether an attempt began in this browser.
    pub fn began(&self, digest: &BindingDigest) -> bool {
        self.digest().ct_eq(digest).into()
    }

    /// The same browser after one more completed sign-in, at this deployment.
    #[must_use]
    pub fn completed_at(&self, now: Timestamp, deployment: DeploymentNumber) -> Self {
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

    /// Whether sign-ins follow each other so fast that the session evidently does not last.
    pub fn is_looping(&self, now: Timestamp) -> bool {
        self.has_completed(LOOP_COUNT, now)
    }

    /// Whether more than one sign-in was completed lately: another one will not help whoever asks
    /// for it.
    pub fn is_repeating(&self, now: Timestamp) -> bool {
        self.has_completed(2, now)
    }

    fn has_completed(&self, count: u8, now: Timestamp) -> bool {
        self.completed >= count && minute(now).saturating_sub(self.since_minute) < LOOP_MINUTES
    }
}

/// The random part binds attempts to a browser: it stays out of logs.
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
/// The fifth completed sign-in within two minutes is a page.
const LOOP_COUNT: u8 = 4;
const LOOP_MINUTES: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn own() -> DeploymentNumber {
        DeploymentNumber::of("https://app.example.test/auth/redirect", "client")
    }

    #[test]
    fn a_cookie_value_comes_back() {
        let new = BindingCookie::new(&SystemRandom);
        let completed = new.completed_at(NOW, own());
        assert_eq!(completed.deployment(), Some(own()));
        let (fresh, cookie) = (new.to_cookie(), completed.to_cookie());
        // The last one as an earlier release may have written it.
        for (cookie, browser) in [
            (fresh.clone(), &new),
            (cookie, &completed),
            (format!("{fresh}.30000010"), &new),
        ] {
            assert!(cookie.len() <= MAX_VALUE);
            assert_eq!(
                BindingCookie::parse(cookie.as_bytes()).as_ref(),
                Some(browser)
            );
        }
    }

    #[test]
    fn refuses_what_is_no_binding_cookie() {
        let good = BindingCookie::new(&SystemRandom).to_cookie();
        for value in [
            "",
            "x",
            "x.0.0",
            &good[1..],
            &format!("{good}.1.2"),
            &format!("{good}.4294967296"),
            &format!("{good}.-1"),
            &format!("{good}."),
            &good.replace('.', ","),
            &"A".repeat(22),
            &format!("{}.999.0", "A".repeat(22)),
        ] {
            assert_eq!(BindingCookie::parse(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn only_the_random_part_binds() {
        let browser = BindingCookie::new(&SystemRandom);
        let completed = browser.completed_at(NOW, own());
        assert!(completed.began(&browser.digest()));
        assert!(!BindingCookie::new(&SystemRandom).began(&browser.digest()));
    }

    #[test]
    fn the_fifth_sign_in_within_two_minutes_is_a_loop() {
        let mut browser = BindingCookie::new(&SystemRandom);
        for _ in 0..4 {
            assert!(!browser.is_looping(NOW));
            browser = browser.completed_at(NOW, own());
        }
        assert!(browser.is_looping(NOW));
        assert!(!browser.is_looping(NOW + std::time::Duration::from_secs(180)));
    }
}
