//! A token before it is signed.

use super::edit::{Seal, Shape, SignatureEdit};
use crate::members::Members;

/// A token before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) header: Members,
    pub(crate) claims: Members,
    /// Bytes that replace the claims.
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) seal: Seal,
    pub(crate) signature: Option<SignatureEdit>,
    pub(crate) shape: Shape,
}

impl Draft {
    /// Drafts a token that is signed properly.
    pub(crate) fn new(header: Members, claims: Members) -> Self {
        Self {
            header,
            claims,
            payload: None,
            seal: Seal::Signing,
            signature: None,
            shape: Shape::Compact,
        }
    }

    pub(crate) fn payload(&self) -> Vec<u8> {
        self.payload
            .clone()
            .unwrap_or_else(|| self.claims.to_text().into_bytes())
    }
}
