//! Unambiguous encoding of lists of byte strings.

/// Appends `part` after its length, so that two different lists never have the same bytes.
pub(super) fn push_prefixed(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}
