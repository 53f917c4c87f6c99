//! Notices that `AAD_BASE_URL` is not the address that browsers see, and says so in the log.
//!
//! Any client can send the headers that are read here. So they decide nothing: their only effect is one line in the log for the host and one for the path, in the first requests of the
//! process. `Host` is not looked at: a proxy may set it to anything.

mod evidence;
#[cfg(test)]
mod evidence_tests;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use actix_web::http::header::HeaderMap;

use crate::{clock::Timestamp, config::Config};
use evidence::{Differs, Evidence};

/// What the first requests have shown.
pub(in crate::web) struct AddressWatch {
    /// How many requests are still looked at.
    remaining: AtomicU32,
    findings: Mutex<Findings>,
}

#[derive(Default)]
struct Findings {
    host: Finding,
    path: Finding,
    sign_in: SignInPath,
}

/// What is known of one part of the address.
#[derive(Default)]
enum Finding {
    /// Nothing yet.
    #[default]
    Unknown,
    /// The same other address, so many times, and never the configured one.
    Other(Differs, u8),
    /// It is right, or the log has said that it is not.
    Decided,
}

/// Whether navigations that were sent to sign in arrive there.
#[derive(Default)]
enum SignInPath {
    #[default]
    Unknown,
    /// So many were sent since then, and none has arrived.
    Awaited(u8, Timestamp),
    Decided,
}

impl AddressWatch {
    pub(in crate::web) fn new() -> Self {
        Self {
            remaining: AtomicU32::new(REQUESTS),
            findings: Mutex::default(),
        }
    }

    /// Looks at a request, whose path the application sees as `path`.
    pub(in crate::web) fn look(&self, config: &Config, path: &str, headers: &HeaderMap) {
        let taken = self
            .remaining
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if taken.is_err() {
            return;
        }
        let host = evidence::of_host(&config.base_url, headers);
        let prefix = evidence::of_path(config, path, headers);
        if host.is_none() && prefix.is_none() {
            return;
        }
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let differing = [findings.host.add(host), findings.path.add(prefix)];
        drop(findings);
        for Differs { source, seen } in differing.into_iter().flatten() {
            tracing::warn!(
                base_url = %config.base_url,
                seen,
                source,
                "AAD_BASE_URL does not seem to be the address that browsers see: set it to scheme, \
                 host and path as they stand in a browser, and let the proxy remove the path"
            );
        }
    }

    /// A navigation is sent to sign in.
    pub(in crate::web) fn sent_to_sign_in(&self, config: &Config, now: Timestamp) {
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = findings.sign_in.sent(now);
        drop(findings);
        if lost {
            tracing::warn!(
                sign_in = config.base_url.join(&config.route("/sign_in")),
                "browsers that are sent to sign in do not arrive there: if the proxy serves this \
                 application below a path, put that path into AAD_BASE_URL"
            );
        }
    }

    /// A navigation has arrived where sign-ins begin.
    pub(in crate::web) fn arrived_at_sign_in(&self) {
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        findings.sign_in = SignInPath::Decided;
    }
}

impl Finding {
    /// Adds what a request shows. Returns what is to be told: an address that was seen [`ENOUGH`]
    /// times in a row. One request that fits ends the watch: the configured address is in use, and
    /// other requests are probes or checks by another name.
    fn add(&mut self, evidence: Option<Evidence>) -> Option<Differs> {
        let differs = match evidence? {
            Evidence::Fits => {
                *self = Self::Decided;
                return None;
            }
            Evidence::Differs(differs) => differs,
        };
        let times = match self {
            Self::Decided => return None,
            Self::Other(before, times) if *before == differs => times.saturating_add(1),
            Self::Other(..) | Self::Unknown => 1,
        };
        if times < ENOUGH {
            *self = Self::Other(differs, times);
            return None;
        }
        *self = Self::Decided;
        Some(differs)
    }
}

impl SignInPath {
    /// Counts one. Returns whether that is to be told: [`ENOUGH`] were sent, the first one long
    /// enough ago to have arrived.
    fn sent(&mut self, now: Timestamp) -> bool {
        let (sent, first) = match self {
            Self::Decided => return false,
            Self::Unknown => (0, now),
            Self::Awaited(sent, first) => (*sent, *first),
        };
        let sent = sent.saturating_add(1);
        let lost = sent >= ENOUGH && now.since(first).as_secs() >= ARRIVAL_SECONDS;
        *self = if lost {
            Self::Decided
        } else {
            Self::Awaited(sent, first)
        };
        lost
    }
}

/// Of so many requests since the start of the process the headers are looked at.
const REQUESTS: u32 = 10_000;
/// So many requests must show the same.
const ENOUGH: u8 = 3;
/// A browser follows a redirect within this time.
const ARRIVAL_SECONDS: u64 = 5;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn other(seen: &str) -> Option<Evidence> {
        let (source, seen) = ("Origin", seen.to_owned());
        Some(Evidence::Differs(Differs { source, seen }))
    }

    fn told(evidence: impl IntoIterator<Item = Option<Evidence>>) -> Vec<String> {
        let mut finding = Finding::default();
        let told = evidence.into_iter().filter_map(|one| finding.add(one));
        told.map(|differs| differs.seen).collect()
    }

    #[test]
    fn r102_the_same_other_address_is_told_once_after_three_requests() {
        let none = Vec::<String>::new();
        assert_eq!(told([other("a"), other("a")]), none);
        assert_eq!(told((0..50).map(|_| other("a"))), ["a"]);
        assert_eq!(
            told([other("a"), None, other("a"), None, other("a"), other("b")]),
            ["a"]
        );
        assert_eq!(told((0..9).map(|n| other(&n.to_string()))), none);
    }

    #[test]
    fn r102_strangers_cannot_raise_it_where_one_request_fits() {
        let strangers = || (0..9).map(|_| other("evil.test"));
        let none = Vec::<String>::new();
        assert_eq!(
            told([Some(Evidence::Fits)].into_iter().chain(strangers())),
            none
        );
        let first = [other("evil.test"), other("evil.test"), Some(Evidence::Fits)];
        assert_eq!(told(first.into_iter().chain(strangers())), none);
    }

    #[test]
    fn r103_redirects_to_sign_in_that_nobody_follows_are_told_once() {
        let began = Timestamp::from_seconds(1_800_000_000);
        let later = began + Duration::from_secs(ARRIVAL_SECONDS);
        let mut path = SignInPath::default();
        // Tabs that are opened at once have not arrived yet.
        assert!((0..20).all(|_| !path.sent(began)));
        assert!(path.sent(later));
        assert!(!path.sent(later));
        let mut path = SignInPath::default();
        assert!(!path.sent(began) && !path.sent(later), "two are not enough");
        assert!(path.sent(later));
    }

    #[test]
    fn one_arrival_says_that_the_way_to_sign_in_is_right() {
        let began = Timestamp::from_seconds(1_800_000_000);
        let watch = AddressWatch::new();
        watch.arrived_at_sign_in();
        let mut findings = watch.findings.lock().unwrap();
        let mut minutes = (0..9).map(|minute| began + Duration::from_secs(minute * 60));
        assert!(minutes.all(|now| !findings.sign_in.sent(now)));
    }
}
