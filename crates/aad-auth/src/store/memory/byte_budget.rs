//! The bound on bytes, which all shards share.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store_room::{
    StoreError,
    capacity_share::{FullShares, HeldBytes, Share, ShareLimits},
};

/// Counts bytes against the capacity, and bytes of application data against their share.
pub(super) struct ByteBudget {
    total: AtomicU64,
    application: AtomicU64,
    share_limits: ShareLimits,
    full_shares: FullShares,
}

impl ByteBudget {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            total: AtomicU64::new(0),
            application: AtomicU64::new(0),
            share_limits: ShareLimits::new(capacity),
            full_shares: FullShares::default(),
        }
    }

    /// Reserves bytes of a share. Returns false, and reserves nothing, if they do not fit.
    pub(super) fn reserve(&self, share: Share, bytes: usize) -> bool {
        let reserved = self.try_reserve(share, bytes as u64);
        self.full_shares.note(share, reserved);
        reserved
    }

    fn try_reserve(&self, share: Share, bytes: u64) -> bool {
        if share != Share::ApplicationData {
            return take(&self.total, bytes, self.share_limits.total(share));
        }
        if !take(&self.application, bytes, self.share_limits.application()) {
            return false;
        }
        let taken = take(&self.total, bytes, self.share_limits.total(share));
        if !taken {
            self.application.fetch_sub(bytes, Ordering::Relaxed);
        }
        taken
    }

    /// Releases bytes of a share.
    pub(super) fn release(&self, share: Share, bytes: usize) {
        let bytes = bytes as u64;
        self.total.fetch_sub(bytes, Ordering::Relaxed);
        if share == Share::ApplicationData {
            self.application.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    pub(super) fn held(&self) -> HeldBytes {
        HeldBytes {
            total: self.total.load(Ordering::Relaxed),
            application: self.application.load(Ordering::Relaxed),
        }
    }

    pub(super) const fn share_limits(&self) -> ShareLimits {
        self.share_limits
    }

    /// Warnings for the operator about full shares.
    pub(super) fn warnings(&self) -> Vec<&'static str> {
        self.full_shares.warnings(self.share_limits, self.held())
    }
}

/// Reserves bytes, or returns [`StoreError::Full`].
pub(super) fn reserve(budget: &ByteBudget, share: Share, bytes: usize) -> Result<(), StoreError> {
    if budget.reserve(share, bytes) {
        Ok(())
    } else {
        Err(StoreError::Full)
    }
}

/// Replaces bytes: a value that does not grow is never refused.
pub(super) fn replace(
    budget: &ByteBudget,
    share: Share,
    old: usize,
    new: usize,
) -> Result<(), StoreError> {
    if new > old {
        reserve(budget, share, new - old)
    } else {
        budget.release(share, old - new);
        Ok(())
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
        let budget = ByteBudget::new(64);
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
        let budget = ByteBudget::new(64);
        assert!(budget.reserve(Share::SignIn, 60));
        assert!(!budget.reserve(Share::ApplicationData, 4));
        assert_eq!(budget.held().application, 0);
        budget.release(Share::SignIn, 60);
        assert!(budget.reserve(Share::ApplicationData, 16));
        assert!(!budget.reserve(Share::ApplicationData, 1));
        budget.release(Share::ApplicationData, 16);
        assert_eq!(budget.held(), HeldBytes::default());
    }
}
