use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Draft, Edit, MemberEdit, Seal, Shape, SignatureEdit};

/// A wrong token, described as a list of changes to the right one.
///
/// There is a named constructor for every case of a relying party's catalogue of bad ID tokens, grouped by what they
/// break (the header and the signature, then the claims); everything else is composed from the general methods:
///
/// ```
/// use entra_emulator::Mutation;
/// let wrong_nonce = Mutation::claim("nonce", "somebody else's");
/// let twice_wrong = Mutation::expired().and(Mutation::hs256_with_public_key());
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Mutation(Vec<Edit>);

impl Mutation {
    /// No change.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One change.
    #[must_use]
    pub fn edit(edit: Edit) -> Self {
        Self(vec![edit])
    }

    /// Both changes, in this order.
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

    /// Adds a header parameter although its name is there; the value is JSON text.
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

    /// Adds a claim although its name is there; the value is JSON text.
    #[must_use]
    pub fn duplicate_claim(name: &str, text: &str) -> Self {
        Self::claims(MemberEdit::Append(name.to_owned(), text.to_owned()))
    }

    /// Any other change of the claims.
    #[must_use]
    pub fn claims(edit: MemberEdit) -> Self {
        Self::edit(Edit::Claims(edit))
    }

    /// Moves `iat`, `nbf` and `exp` together by so many seconds.
    #[must_use]
    pub fn shift_times(seconds: i64) -> Self {
        let shift = |name: &str| Self::claims(MemberEdit::Shift(name.to_owned(), seconds));
        shift("iat").and(shift("nbf")).and(shift("exp"))
    }

    /// Moves one numeric claim by so many seconds.
    #[must_use]
    pub fn shift(name: &str, seconds: i64) -> Self {
        Self::claims(MemberEdit::Shift(name.to_owned(), seconds))
    }

    /// These bytes in the place of the claims, properly signed.
    #[must_use]
    pub fn payload(bytes: impl AsRef<[u8]>) -> Self {
        Self::edit(Edit::Payload(crate::encoding::base64url(bytes)))
    }

    /// Sealed in another way.
    #[must_use]
    pub fn seal(seal: Seal) -> Self {
        Self::edit(Edit::Seal(seal))
    }

    /// The signature changed after signing.
    #[must_use]
    pub fn signature(edit: SignatureEdit) -> Self {
        Self::edit(Edit::Signature(edit))
    }

    /// Another shape of the finished token.
    #[must_use]
    pub fn shape(shape: Shape) -> Self {
        Self::edit(Edit::Shape(shape))
    }

    pub(crate) fn apply(&self, draft: &mut Draft) {
        for edit in &self.0 {
            edit.apply(draft);
        }
    }
}
