//! The bound on the bytes held, shared by all shards.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store_room::share::{Gauge, Held, Quota, Share};

/// Counts bytes against a capacity, and those of application data against their part of it.
pub(super) struct Budget {
    total: AtomicU64,
    application: AtomicU64,
    quota: Quota,
    gauge: Gauge,
}

impl Budget {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            total: AtomicU64::new(0),
            application: AtomicU64::new(0),
            quota: Quota::new(capacity),
            gauge: Gauge::default(),
        }
    }

    /// Takes `bytes` from a share, or nothing and false when they are not there.
    pub(super) fn reserve(&self, share: Share, bytes: usize) -> bool {
        let reserved = self.try_reserve(share, bytes as u64);
        self.gauge.note(share, reserved);
        reserved
    }

    fn try_reserve(&self, share: Share, bytes: u64) -> bool {
        if share != Share::ApplicationData {
            return take(&self.total, bytes, self.quota.total(share));
        }
        if !take(&self.application, bytes, self.quota.application()) {
            return false;
        }
        let taken = take(&self.total, bytes, self.quota.total(share));
        if !taken {
            self.application.fetch_sub(bytes, Ordering::Relaxed);
        }
        taken
    }

    /// Gives `bytes` back to a share.
    pub(super) fn release(&self, share: Share, bytes: usize) {
        let bytes = bytes as u64;
        self.total.fetch_sub(bytes, Ordering::Relaxed);
        if share == Share::ApplicationData {
            self.application.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    pub(super) fn held(&self) -> Held {
        Held {
            total: self.total.load(Ordering::Relaxed),
            application: self.application.load(Ordering::Relaxed),
        }
    }

    pub(super) const fn quota(&self) -> Quota {
        self.quota
    }

    /// What an operator should know about the room that is left.
    pub(super) fn warnings(&self) -> Vec<&'static str> {
        self.gauge.warnings(self.quota, self.held())
    }
}

fn take(used: &AtomicU64, bytes: u64, limit: u64) -> bool {
    let more = |used: u64| used.checked_add(bytes).filter(|total| *total <= limit);
    used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_byte_too_many_and_takes_nothing() {
        let budget = Budget::new(64);
        assert!(budget.reserve(Share::SignIn, 63));
        assert!(!budget.reserve(Share::SignIn, 1));
        assert_eq!(budget.held().total, 63);
        budget.release(Share::SignIn, 4);
        assert!(!budget.reserve(Share::SignIn, 5));
        assert!(budget.reserve(Share::SignIn, 4));
        assert!(budget.reserve(Share::Marks, 1));
    }

    #[test]
    fn application_data_that_is_refused_by_the_total_takes_nothing_of_its_share() {
        let budget = Budget::new(64);
        assert!(budget.reserve(Share::SignIn, 60));
        assert!(!budget.reserve(Share::ApplicationData, 4));
        assert_eq!(budget.held().application, 0);
        budget.release(Share::SignIn, 60);
        assert!(budget.reserve(Share::ApplicationData, 16));
        assert!(!budget.reserve(Share::ApplicationData, 1));
        budget.release(Share::ApplicationData, 16);
        assert_eq!(budget.held(), Held::default());
    }
}
