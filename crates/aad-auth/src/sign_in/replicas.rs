//! Detects misconfigured replicas: replicas with a separate store, or with another sealing key. In both
//! cases sessions do not last.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use super::{ATTEMPT_LIFETIME, Attempt};
use crate::{
    clock::Timestamp,
    random::{self, Random},
};

/// What this instance knows about the other replicas.
pub(crate) struct Replicas {
    /// The mark of this instance in the attempts that it seals. Never 0, which marks attempts of an
    /// earlier release.
    mark: u64,
    started: Timestamp,
    /// Until when another replica counts as having a separate store, in milliseconds since the epoch.
    separate_stores_until: AtomicU64,
    foreign_key: AtomicBool,
}

impl Replicas {
    pub(super) fn new(random: &dyn Random, now: Timestamp) -> Self {
        Self {
            mark: u64::from_be_bytes(random::bytes(random)).max(1),
            started: now,
            separate_stores_until: AtomicU64::new(0),
            foreign_key: AtomicBool::new(false),
        }
    }

    pub(super) const fn mark(&self) -> u64 {
        self.mark
    }

    /// Whether another replica, with the same keys and address, has a separate store. The answer holds
    /// for the lifetime of the last attempt that showed it: so long its attempts may return here.
    pub(crate) fn has_separate_stores(&self, now: Timestamp) -> bool {
        now.millis() < self.separate_stores_until.load(Ordering::Relaxed)
    }

    /// Whether another replica seals under a key that this instance does not have.
    pub(crate) fn has_foreign_key(&self) -> bool {
        self.foreign_key.load(Ordering::Relaxed)
    }

    /// Examines an opened attempt: a replica without access to this store may have sealed it. That
    /// replica will not know the session that results.
    ///
    /// In an `exclusive` store, an attempt with another mark comes from the process before this one, or
    /// from a concurrent replica. The former process ended when this one started, within [`OVERLAP`].
    /// So an attempt that is younger comes from a replica.
    pub(super) fn notice(&self, attempt: &Attempt, exclusive: bool) {
        let foreign = exclusive
            && attempt.mark != 0
            && attempt.mark != self.mark
            && attempt.started > self.started + OVERLAP;
        if !foreign {
            return;
        }
        let until = (attempt.started + ATTEMPT_LIFETIME).millis();
        let before = self
            .separate_stores_until
            .fetch_max(until, Ordering::Relaxed);
        if before <= attempt.started.millis() {
            tracing::error!("{SEPARATE_STORES}");
        }
    }

    /// Notes whether a replica seals under a foreign key, and logs the first time.
    pub(super) fn note_keys(&self, foreign: bool) {
        if foreign && !self.foreign_key.swap(true, Ordering::Relaxed) {
            tracing::error!("{FOREIGN_KEY}");
        } else if !foreign {
            self.foreign_key.store(false, Ordering::Relaxed);
        }
    }
}

/// The problem and its remedy, for log and operator.
pub(crate) const SEPARATE_STORES: &str = "another instance of this application runs with a session store \
    of its own, so that a user who is signed in at one of them is unknown at the other: set \
    AAD_SESSION_STORE=redis://… for all of them, or run one instance only (and build Auth once, \
    outside the closure of HttpServer::new)";
/// The problem and its remedy, for log and operator.
pub(crate) const FOREIGN_KEY: &str = "another instance of this application seals under a key that this \
    one does not have: give all of them the same AAD_SESSION_SECRET, and rotate it in three \
    roll-outs (append the new one, then move it to the front, then drop the old one)";

/// How long a restart may overlap with the former process; also covers differences of clocks.
const OVERLAP: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "replicas_tests.rs"]
mod tests;
