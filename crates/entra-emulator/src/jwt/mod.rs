//! Signed tokens, and changes that make them wrong.

mod catalogue_claims;
mod catalogue_header;
mod draft;
mod edit;
mod member_edit;
mod mutation;
mod sign;

pub(crate) use draft::Draft;
pub use edit::SignatureEdit;
pub(crate) use edit::{Edit, Seal, Shape};
pub use member_edit::MemberEdit;
pub use mutation::Mutation;
pub(crate) use sign::{Signers, apply_to_signature, compact};
