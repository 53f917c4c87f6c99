//! Named wrong tokens: header, key, signature and shape (rows A of the abuse catalogue).

use serde_json::json;

use super::{MemberEdit, Mutation, Seal, Shape, SignatureEdit};
use crate::keys::{FOREIGN_KEY, pooled};

impl Mutation {
    /// A1: `alg: none` and no signature.
    #[must_use]
    pub fn alg_none() -> Self {
        Self::alg_none_spelt("none")
    }

    /// A1: any spelling of `none` (`None`, `nOnE` …) and no signature.
    #[must_use]
    pub fn alg_none_spelt(spelling: &str) -> Self {
        Self::header("alg", spelling).and(Self::seal(Seal::Nothing))
    }

    /// A1: `alg: none` with the right RS256 signature attached.
    #[must_use]
    pub fn alg_none_with_signature() -> Self {
        Self::header("alg", "none")
    }

    /// A3: HS256 with the PEM of the public key as secret.
    #[must_use]
    pub fn hs256_with_public_key() -> Self {
        Self::seal(Seal::HmacPublicKey)
    }

    /// A4: HS256 with the client secret.
    #[must_use]
    pub fn hs256_with_client_secret() -> Self {
        Self::seal(Seal::HmacClientSecret)
    }

    /// A5: HS256 with an empty secret.
    #[must_use]
    pub fn hs256_with_empty_key() -> Self {
        Self::seal(Seal::HmacEmpty)
    }

    /// A6: the right key with another RSA algorithm: `RS384`, `RS512`, `PS256`, `PS384`, `PS512`.
    #[must_use]
    pub fn algorithm(name: &str) -> Self {
        Self::seal(Seal::Algorithm(name.to_owned()))
    }

    /// A6: ES256 with a key of the attacker.
    #[must_use]
    pub fn es256() -> Self {
        Self::seal(Seal::EllipticCurve)
    }

    /// A7: one bit of the signature flipped.
    #[must_use]
    pub fn flipped_signature() -> Self {
        Self::signature(SignatureEdit::Flip)
    }

    /// A7: the signature empty.
    #[must_use]
    pub fn empty_signature() -> Self {
        Self::signature(SignatureEdit::Empty)
    }

    /// A7: half the signature.
    #[must_use]
    pub fn truncated_signature() -> Self {
        Self::signature(SignatureEdit::Truncate)
    }

    /// A7: a key that is nowhere published, under the right `kid`.
    #[must_use]
    pub fn foreign_key() -> Self {
        Self::seal(Seal::Foreign)
    }

    /// A7: a right signature over another payload.
    #[must_use]
    pub fn swapped_payload() -> Self {
        Self::signature(SignatureEdit::SwapPayload)
    }

    /// A8: signed by the second published key under the `kid` of the first.
    #[must_use]
    pub fn kid_of_another_key() -> Self {
        Self::seal(Seal::Spare)
    }

    /// A9: the attacker's key embedded in the header (`jwk`), and the token signed by it.
    #[must_use]
    pub fn embedded_jwk() -> Self {
        let key = pooled(FOREIGN_KEY)
            .map(|key| json!({"kty": "RSA", "n": key.modulus, "e": key.exponent, "alg": "RS256", "kid": key.kid}));
        Self::header("jwk", key.unwrap_or_default()).and(Self::seal(Seal::Foreign))
    }

    /// A10: `jku` names the attacker's key set, and the token is signed by his key.
    #[must_use]
    pub fn jku(url: &str) -> Self {
        Self::header("jku", url).and(Self::seal(Seal::Foreign))
    }

    /// A10: as [`Mutation::jku`] with `x5u`.
    #[must_use]
    pub fn x5u(url: &str) -> Self {
        Self::header("x5u", url).and(Self::seal(Seal::Foreign))
    }

    /// A11: `x5c` holds the attacker's certificate, and the token is signed by its key.
    #[must_use]
    pub fn x5c() -> Self {
        let chain = pooled(FOREIGN_KEY).map(|key| json!([key.certificate]));
        Self::header("x5c", chain.unwrap_or_default()).and(Self::seal(Seal::Foreign))
    }

    /// A12: an unknown critical extension, properly signed.
    #[must_use]
    pub fn unknown_crit() -> Self {
        Self::header("crit", json!(["x-must-understand"]))
            .and(Self::header("x-must-understand", true))
    }

    /// A13: `b64: false` (RFC 7797), marked critical or not.
    #[must_use]
    pub fn b64_false(critical: bool) -> Self {
        let plain = Self::header("b64", false);
        if critical {
            plain.and(Self::header("crit", json!(["b64"])))
        } else {
            plain
        }
    }

    /// A14: the type of another kind of token: `at+jwt`, `logout+jwt` …
    #[must_use]
    pub fn typ(typ: &str) -> Self {
        Self::header("typ", typ)
    }

    /// A15: the five parts of an encrypted token around a right one.
    #[must_use]
    pub fn encrypted() -> Self {
        Self::shape(Shape::Encrypted)
    }

    /// A16: two parts.
    #[must_use]
    pub fn two_parts() -> Self {
        Self::shape(Shape::TwoParts)
    }

    /// A16: four parts.
    #[must_use]
    pub fn four_parts() -> Self {
        Self::shape(Shape::FourParts)
    }

    /// A16: spaces around the token.
    #[must_use]
    pub fn spaced() -> Self {
        Self::shape(Shape::Spaced)
    }

    /// A16: a line feed inside the payload.
    #[must_use]
    pub fn line_feed() -> Self {
        Self::shape(Shape::LineFeed)
    }

    /// A16: padding behind each part.
    #[must_use]
    pub fn padded() -> Self {
        Self::shape(Shape::Padded)
    }

    /// A16: the standard base64 alphabet.
    #[must_use]
    pub fn standard_base64() -> Self {
        Self::shape(Shape::StandardBase64)
    }

    /// A17: `alg` twice, the second one `none`.
    #[must_use]
    pub fn duplicate_alg() -> Self {
        Self::duplicate_header("alg", "\"none\"")
    }

    /// A19: any other `kid` (text, number, path …).
    #[must_use]
    pub fn kid(value: impl Into<serde_json::Value>) -> Self {
        Self::header("kid", value)
    }

    /// A19: a `kid` of so many characters.
    #[must_use]
    pub fn huge_kid(length: usize) -> Self {
        Self::edit(super::Edit::Header(MemberEdit::Grow(
            "kid".to_owned(),
            length,
        )))
    }

    /// F11: no `kid`.
    #[must_use]
    pub fn without_kid() -> Self {
        Self::without_header("kid")
    }

    /// A20: signed by a real key of 1024 bits; publish it with [`KeyEdit::WeakKey`](crate::KeyEdit::WeakKey).
    #[must_use]
    pub fn weak_key() -> Self {
        Self::seal(Seal::WeakKey)
    }

    /// A21: sealed so that only a key of exponent 1 verifies it; publish that with [`KeyEdit::ExponentOne`](crate::KeyEdit::ExponentOne).
    #[must_use]
    pub fn exponent_one() -> Self {
        Self::seal(Seal::ExponentOne)
    }
}
