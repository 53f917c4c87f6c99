//! Shares of a store's capacity: what one kind of record may take, so that others keep theirs.

use std::sync::atomic::{AtomicBool, Ordering};

/// Application data takes at most this part of a store's capacity: one in four bytes.
pub const APPLICATION_DATA_PART: u64 = 4;
/// This part of the capacity, one in 64 bytes, is kept for marks: revocation of sessions and
/// used-up logout tokens. So a sign-out succeeds in a store that is full of sessions.
const MARKS_PART: u64 = 64;

/// Whose part of the capacity a record takes. Derived from the kind in its key
/// (`<instance label>:<kind>:<digest>`), here and nowhere else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Share {
    /// Sessions with their tokens and indexes, and all that has no share of its own.
    SignIn,
    /// Data of the application, of sessions (kind `a`) and of visitors (kind `n`): at most a quarter.
    ApplicationData,
    /// Revocation marks (kinds `r` and `all`) and used-up logout tokens (kind `j`): may take the
    /// last bytes.
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

/// What a store holds, in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Held {
    /// Of all shares.
    pub(super) total: u64,
    /// Of application data.
    pub(super) application: u64,
}

/// How many bytes each share may take.
#[derive(Clone, Copy)]
pub(super) struct Quota {
    capacity: u64,
}

impl Quota {
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

    /// The most bytes of all shares after a record of this share was written.
    pub(super) const fn total(self, share: Share) -> u64 {
        match share {
            Share::Marks => self.capacity,
            Share::SignIn | Share::ApplicationData => self.capacity - self.capacity / MARKS_PART,
        }
    }

    /// Whether a record of `share` fits that makes `held` grow by `bytes`.
    #[cfg(feature = "file")]
    pub(super) const fn admits(self, share: Share, held: Held, bytes: u64) -> bool {
        let own = match share {
            Share::ApplicationData => held.application.saturating_add(bytes) <= self.application(),
            Share::SignIn | Share::Marks => true,
        };
        own && held.total.saturating_add(bytes) <= self.total(share)
    }
}

/// Whether the last record of a share that wanted room got it.
#[derive(Default)]
pub(super) struct Gauge {
    sign_in_full: AtomicBool,
    application_full: AtomicBool,
}

impl Gauge {
    /// Notes whether a record of `share` has got its room.
    pub(super) fn note(&self, share: Share, admitted: bool) {
        let full = match share {
            Share::ApplicationData => &self.application_full,
            Share::SignIn | Share::Marks => &self.sign_in_full,
        };
        if full.load(Ordering::Relaxed) == admitted {
            full.store(!admitted, Ordering::Relaxed);
        }
    }

    /// What an operator should know: that a share is full, or 90 % full. Empty when all is well.
    pub(super) fn warnings(&self, quota: Quota, held: Held) -> Vec<&'static str> {
        let nearly = |used: u64, limit: u64| used > limit - limit / 10;
        let mut warnings = Vec::new();
        if self.sign_in_full.load(Ordering::Relaxed) {
            warnings.push(FULL);
        } else if nearly(held.total, quota.total(Share::SignIn)) {
            warnings.push(NEARLY_FULL);
        }
        if self.application_full.load(Ordering::Relaxed) {
            warnings.push(APPLICATION_FULL);
        } else if nearly(held.application, quota.application()) {
            warnings.push(APPLICATION_NEARLY_FULL);
        }
        warnings
    }
}

const FULL: &str = "the session store is full: sign-ins are refused until sessions end, and those \
    who are signed in are served; shorten AAD_SESSION_IDLE and AAD_SESSION_MAX, or give the store \
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
mod tests {
    use super::*;

    #[test]
    fn the_kind_in_the_key_alone_decides_over_the_share() {
        for (key, share) in [
            ("label:a:digest", Share::ApplicationData),
            ("label:r:digest", Share::Marks),
            ("label:j:digest", Share::Marks),
            ("label:all:", Share::Marks),
            ("label:s:digest", Share::SignIn),
            ("label:v:a", Share::SignIn),
            ("a:s:a", Share::SignIn),
            ("label:ab:digest", Share::SignIn),
            ("a", Share::SignIn),
            ("", Share::SignIn),
        ] {
            assert_eq!(Share::of(key), share, "{key:?}");
        }
    }

    #[cfg(feature = "file")]
    #[test]
    fn each_share_has_its_bound_and_no_sum_overflows() {
        let quota = Quota::new(6400);
        let held = |total, application| Held { total, application };
        for (share, held, bytes, admitted) in [
            (Share::ApplicationData, held(1599, 1599), 1, true),
            (Share::ApplicationData, held(1600, 1600), 1, false),
            (Share::SignIn, held(1600, 1600), 4700, true),
            (Share::SignIn, held(6300, 0), 1, false),
            (Share::ApplicationData, held(6300, 0), 1, false),
            (Share::Marks, held(6300, 0), 100, true),
            (Share::Marks, held(6300, 0), 101, false),
            (Share::Marks, held(1, 1), u64::MAX, false),
        ] {
            assert_eq!(
                quota.admits(share, held, bytes),
                admitted,
                "{share:?} {held:?}"
            );
        }
    }

    #[test]
    fn full_and_nearly_full_shares_are_named() {
        let (gauge, quota) = (Gauge::default(), Quota::new(6400));
        let held = |total, application| Held { total, application };
        assert!(gauge.warnings(quota, held(5000, 1000)).is_empty());
        let nearly = gauge.warnings(quota, held(6000, 1500));
        assert_eq!(nearly, [NEARLY_FULL, APPLICATION_NEARLY_FULL]);
        gauge.note(Share::ApplicationData, false);
        gauge.note(Share::SignIn, false);
        assert_eq!(gauge.warnings(quota, held(0, 0)), [FULL, APPLICATION_FULL]);
        gauge.note(Share::SignIn, true);
        assert_eq!(gauge.warnings(quota, held(0, 0)), [APPLICATION_FULL]);
    }
}
