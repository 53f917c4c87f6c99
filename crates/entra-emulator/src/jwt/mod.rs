//! Signed tokens, right ones and wrong ones.

mod catalogue_claims;
mod catalogue_header;
mod draft;
mod edit;
mod mutation;
mod sign;

pub(crate) use draft::Draft;
pub use edit::{Edit, MemberEdit, Seal, Shape, SignatureEdit};
pub use mutation::Mutation;
pub(crate) use sign::{Signers, compact, edited};
