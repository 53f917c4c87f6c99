//! The label of an instance.

use aws_lc_rs::digest::{SHA256, digest};

use super::encoding::push_prefixed;

/// The label of one mounted instance: a digest of issuer or authority, client id and route prefix.
/// Part of every derived key, store key and index name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InstanceLabel([u8; 16]);

impl InstanceLabel {
    /// The label of the instance that signs in at `authority` as `client_id` under `prefix`.
    pub fn new(authority: &str, client_id: &str, prefix: &str) -> Self {
        let mut input = Vec::new();
        for part in [authority, client_id, prefix] {
            push_prefixed(&mut input, part.as_bytes());
        }
        let mut label = [0; 16];
        label.copy_from_slice(&digest(&SHA256, &input).as_ref()[..16]);
        Self(label)
    }

    /// The label's bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
