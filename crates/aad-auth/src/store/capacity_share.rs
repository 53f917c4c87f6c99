//! Shares of a store's capacity, so that no kind of record can take the room of the others.

use std::sync::atomic::{AtomicBool, Ordering};

/// Application data takes at most this part of a store's capacity: one of four bytes.
pub const APPLICATION_DATA_PART: u64 = 4;
/// This part of the capacity, one of 64 bytes, is reserved for marks: revocations and used logout tokens.
/// So a sign-out succeeds in a store that is full of sessions.
const MARKS_PART: u64 = 64;

/// The share of the capacity that a record counts against. Only [`Share::of`] derives it, from the kind in
/// the key (`<instance label>:<kind>:<digest>`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Share {
    /// Sessions, tokens, indexes, and everything without a share of its own.
    SignIn,
    /// Application data of sessions (kind `a`) and of visitors (kind `n`): at most a quarter.
    ApplicationData,
    /// Revocation marks (kinds `r` and `all`) and used logout tokens (kind `j`): may take the last bytes.
    Marks,
}

impl Share {
    pub(super) fn of(key: &str) -> Self {
        match key.split(':').nth(1) {
            Some("a" | "n") => Self::ApplicationData,
            Some("r" | "all" | "j") => Self::Marks,
            _ => Self::SignIn,
        }
    }
}

/// The bytes that a store holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct HeldBytes {
    /// Bytes of all shares.
    pub(super) total: u64,
    /// Bytes of application data.
    pub(super) application: u64,
}

/// The most bytes of each share.
#[derive(Clone, Copy)]
pub(super) struct ShareLimits {
    capacity: u64,
}

impl ShareLimits {
    pub(super) const fn new(capacity: u64) -> Self {
        Self { capacity }
    }

    pub(super) const fn capacity(self) -> u64 {
        self.capacity
    }

    /// The most bytes of application data.
    pub(super) const fn application(self) -> u64 {
        self.capacity / APPLICATION_DATA_PART
    }

    /// The most bytes of all shares together, after a record of this share was written.
    pub(super) const fn total(self, share: Share) -> u64 {
        match share {
            Share::Marks => self.capacity,
            Share::SignIn | Share::ApplicationData => self.capacity - self.capacity / MARKS_PART,
        }
    }

    /// Whether a record fits that adds `bytes` to `held`.
    #[cfg(feature = "file")]
    pub(super) const fn admits(self, share: Share, held: HeldBytes, bytes: u64) -> bool {
        let own = match share {
            Share::ApplicationData => held.application.saturating_add(bytes) <= self.application(),
            Share::SignIn | Share::Marks => true,
        };
        own && held.total.saturating_add(bytes) <= self.total(share)
    }
}

/// Which shares were full when a record was last written.
#[derive(Default)]
pub(super) struct FullShares {
    sign_in_full: AtomicBool,
    application_full: AtomicBool,
}

impl FullShares {
    /// Notes whether a record of `share` was admitted.
    pub(super) fn note(&self, share: Share, admitted: bool) {
        let full = match share {
            Share::ApplicationData => &self.application_full,
            Share::SignIn | Share::Marks => &self.sign_in_full,
        };
        if full.load(Ordering::Relaxed) == admitted {
            full.store(!admitted, Ordering::Relaxed);
        }
    }

    /// Warnings for the operator: a share is full, or more than 90 % full.
    pub(super) fn warnings(&self, share_limits: ShareLimits, held: HeldBytes) -> Vec<&'static str> {
        let nearly = |used: u64, limit: u64| used > limit - limit / 10;
        let mut warnings = Vec::new();
        if self.sign_in_full.load(Ordering::Relaxed) {
            warnings.push(FULL);
        } else if nearly(held.total, share_limits.total(Share::SignIn)) {
            warnings.push(NEARLY_FULL);
        }
        if self.application_full.load(Ordering::Relaxed) {
            warnings.push(APPLICATION_FULL);
        } else if nearly(held.application, share_limits.application()) {
            warnings.push(APPLICATION_NEARLY_FULL);
        }
        warnings
    }
}

const FULL: &str = "the session store is full: sign-ins are refused until sessions end, and signed-in \
    users are served; shorten AAD_SESSION_IDLE and AAD_SESSION_MAX, or give the store \
    named by AAD_SESSION_STORE more room";
const NEARLY_FULL: &str = "the session store is more than 90 % full, and will then refuse sign-ins; \
    shorten AAD_SESSION_IDLE and AAD_SESSION_MAX, or give the store named by AAD_SESSION_STORE more \
    room";
const APPLICATION_FULL: &str = "the application's own data has used up its quarter of the session \
    store: it is not saved until older data ends, and sign-ins go on; store less of it or for a \
    shorter time, or give the store named by AAD_SESSION_STORE more room";
const APPLICATION_NEARLY_FULL: &str = "the application's own data takes more than 90 % of its \
    quarter of the session store, and will then not be saved; store less of it or for a shorter \
    time, or give the store named by AAD_SESSION_STORE more room";

#[cfg(test)]
#[path = "capacity_share_tests.rs"]
mod tests;
