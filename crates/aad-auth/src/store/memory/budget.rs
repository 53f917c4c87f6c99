//! The bound on the bytes held, shared by all shards.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts bytes against a capacity.
pub(super) struct Budget {
    used: AtomicU64,
    capacity: u64,
}

impl Budget {
    pub(super) const fn new(capacity: u64) -> Self {
        Self {
            used: AtomicU64::new(0),
            capacity,
        }
    }

    /// Takes `bytes`, or nothing and false when they are not there.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes)
                    .filter(|total| *total <= self.capacity)
            })
            .is_ok()
    }

    /// Gives `bytes` back.
    pub(super) fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) const fn capacity(&self) -> u64 {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_byte_too_many_and_takes_nothing() {
        let budget = Budget::new(10);
        assert!(budget.reserve(10));
        assert!(!budget.reserve(1));
        assert_eq!(budget.used(), 10);
        budget.release(4);
        assert!(!budget.reserve(5));
        assert!(budget.reserve(4));
    }
}
