//! The bounds that every back end keeps, and the checks for them.

use std::time::Duration;

use super::StoreError;

/// Longest key, in bytes.
pub const MAX_KEY: usize = 200;
/// Longest value of a record, in bytes.
pub const MAX_VALUE: usize = 256 * 1024;
/// Longest name of an index member, in bytes.
pub const MAX_MEMBER: usize = 200;
/// Longest value of an index member, in bytes.
pub const MAX_MEMBER_VALUE: usize = 4 * 1024;
/// Most live members of an index set.
pub const MAX_MEMBERS: usize = 4096;

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// Checks the value of a record: for back ends, before they write it.
///
/// ```
/// use aad_auth::store::{MAX_VALUE, StoreError, check_value};
///
/// assert_eq!(check_value(&vec![0_u8; MAX_VALUE]), Ok(()));
/// assert_eq!(check_value(&vec![0_u8; MAX_VALUE + 1]), Err(StoreError::TooLarge));
/// ```
///
/// # Errors
/// [`StoreError::TooLarge`] beyond [`MAX_VALUE`].
pub fn check_value(value: &[u8]) -> Result<(), StoreError> {
    at_most(value.len(), MAX_VALUE)
}

/// Checks the name and value of an index member: for back ends, before they write it.
///
/// ```
/// use aad_auth::store::{StoreError, check_member};
///
/// assert_eq!(check_member("laptop", b"value"), Ok(()));
/// assert_eq!(check_member("two words", b"value"), Err(StoreError::TooLarge));
/// ```
///
/// # Errors
/// [`StoreError::TooLarge`] beyond [`MAX_MEMBER`] or [`MAX_MEMBER_VALUE`], or if the name is empty or not
/// printable ASCII.
pub fn check_member(name: &str, value: &[u8]) -> Result<(), StoreError> {
    at_most(value.len(), MAX_MEMBER_VALUE)?;
    if is_name(name, MAX_MEMBER) {
        Ok(())
    } else {
        Err(StoreError::TooLarge)
    }
}

/// Clamps a life to what every back end can represent: 1 ms (Redis refuses 0) to ten years.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::store::clamp_life;
///
/// assert_eq!(clamp_life(Duration::ZERO), Duration::from_millis(1));
/// assert_eq!(clamp_life(Duration::from_secs(60)), Duration::from_secs(60));
/// ```
pub fn clamp_life(ttl: Duration) -> Duration {
    ttl.clamp(SHORTEST, LONGEST)
}

/// Whether a text is printable ASCII without blanks, and not empty or too long.
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn at_most(length: usize, longest: usize) -> Result<(), StoreError> {
    if length <= longest {
        Ok(())
    } else {
        Err(StoreError::TooLarge)
    }
}
