//! A list of changes that makes a token wrong.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Draft, Edit, MemberEdit, Seal, Shape, SignatureEdit};
use crate::encoding::{base64url, from_base64url};

/// A wrong token, described as a list of changes to a right one.
///
/// Named constructors describe the tokens that a relying party must refuse (and a few that it must accept). The general
/// methods compose all others:
///
/// ```
/// use entra_emulator::Mutation;
///
/// let wrong_nonce = Mutation::claim("nonce", "another-nonce");
/// let two_faults = Mutation::expired().and(Mutation::hs256_with_public_key());
/// ```
///
/// Give it to [`Fault::id_token`](crate::Fault::id_token) or [`Mint::mutate`](crate::Mint::mutate).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Mutation(Vec<Edit>);

impl Mutation {
    /// Changes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Makes one change.
    pub(super) fn edit(edit: Edit) -> Self {
        Self(vec![edit])
    }

    /// Makes the changes of both, in this order.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Sets a header parameter.
    #[must_use]
    pub fn header(name: &str, value: impl Into<Value>) -> Self {
        Self::edit(Edit::Header(MemberEdit::Set(name.to_owned(), value.into())))
    }

    /// Removes a header parameter.
    #[must_use]
    pub fn without_header(name: &str) -> Self {
        Self::edit(Edit::Header(MemberEdit::Remove(name.to_owned())))
    }

    /// Adds a header parameter beside the one that is there; the value is JSON text.
    #[must_use]
    pub fn duplicate_header(name: &str, text: &str) -> Self {
        Self::edit(Edit::Header(MemberEdit::Append(
            name.to_owned(),
            text.to_owned(),
        )))
    }

    /// Sets a claim to any JSON value.
    #[must_use]
    pub fn claim(name: &str, value: impl Into<Value>) -> Self {
        Self::claims(MemberEdit::Set(name.to_owned(), value.into()))
    }

    /// Sets a claim to JSON text that need not be valid, such as `1e400`.
    #[must_use]
    pub fn raw_claim(name: &str, text: &str) -> Self {
        Self::claims(MemberEdit::SetRaw(name.to_owned(), text.to_owned()))
    }

    /// Removes a claim.
    #[must_use]
    pub fn without_claim(name: &str) -> Self {
        Self::claims(MemberEdit::Remove(name.to_owned()))
    }

    /// Adds a claim beside the one that is there; the value is JSON text.
    #[must_use]
    pub fn duplicate_claim(name: &str, text: &str) -> Self {
        Self::claims(MemberEdit::Append(name.to_owned(), text.to_owned()))
    }

    /// Makes any other change of the claims.
    #[must_use]
    pub fn claims(edit: MemberEdit) -> Self {
        Self::edit(Edit::Claims(edit))
    }

    /// Moves `iat`, `nbf` and `exp` by this number of seconds.
    #[must_use]
    pub fn shift_times(seconds: i64) -> Self {
        let shift = |name: &str| Self::claims(MemberEdit::Shift(name.to_owned(), seconds));
        shift("iat").and(shift("nbf")).and(shift("exp"))
    }

    /// Moves one numeric claim by this number of seconds.
    #[must_use]
    pub fn shift(name: &str, seconds: i64) -> Self {
        Self::claims(MemberEdit::Shift(name.to_owned(), seconds))
    }

    /// Replaces the claims by these bytes; the signature is valid.
    #[must_use]
    pub fn payload(bytes: impl AsRef<[u8]>) -> Self {
        Self::edit(Edit::Payload(base64url(bytes)))
    }

    /// Signs with another key or algorithm.
    pub(super) fn seal(seal: Seal) -> Self {
        Self::edit(Edit::Seal(seal))
    }

    /// Changes the signature after signing.
    #[must_use]
    pub fn signature(edit: SignatureEdit) -> Self {
        Self::edit(Edit::Signature(edit))
    }

    /// Changes the form of the finished token.
    pub(super) fn shape(shape: Shape) -> Self {
        Self::edit(Edit::Shape(shape))
    }

    pub(crate) fn apply(&self, draft: &mut Draft) {
        for edit in &self.0 {
            match edit {
                Edit::Header(edit) => edit.apply(&mut draft.header),
                Edit::Claims(edit) => edit.apply(&mut draft.claims),
                Edit::Payload(bytes) => draft.payload = from_base64url(bytes),
                Edit::Seal(seal) => draft.seal = seal.clone(),
                Edit::Signature(edit) => draft.signature = Some(*edit),
                Edit::Shape(shape) => draft.shape = *shape,
            }
        }
    }
}
