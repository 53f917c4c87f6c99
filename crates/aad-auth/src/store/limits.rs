//! The bounds that every back end keeps (invariant: everything a stranger can grow is bounded).

use std::time::Duration;

use super::{StoreError, key::is_name};

/// Longest key, in bytes.
pub const MAX_KEY: usize = 200;
/// Longest value of a record, in bytes.
pub const MAX_VALUE: usize = 256 * 1024;
/// Longest name of an index member, in bytes.
pub const MAX_MEMBER: usize = 200;
/// Longest value of an index member, in bytes.
pub const MAX_MEMBER_VALUE: usize = 4 * 1024;
/// Most members of one index set.
pub const MAX_MEMBERS: usize = 4096;

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

pub(super) fn check_value(value: &[u8]) -> Result<(), StoreError> {
    at_most(value.len(), MAX_VALUE)
}

pub(super) fn check_member(member: &str, value: &[u8]) -> Result<(), StoreError> {
    at_most(value.len(), MAX_MEMBER_VALUE)?;
    if is_name(member, MAX_MEMBER) {
        Ok(())
    } else {
        Err(StoreError::TooLarge)
    }
}

/// A life that every back end can represent: 1 ms (Redis refuses 0) to ten years.
pub(super) fn life(ttl: Duration) -> Duration {
    ttl.clamp(SHORTEST, LONGEST)
}

fn at_most(length: usize, longest: usize) -> Result<(), StoreError> {
    if length <= longest {
        Ok(())
    } else {
        Err(StoreError::TooLarge)
    }
}
