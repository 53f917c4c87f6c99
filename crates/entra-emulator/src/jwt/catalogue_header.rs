//! Named wrong tokens: header, key, signature and form.

use serde_json::json;

use super::{Edit, MemberEdit, Mutation, Seal, Shape, SignatureEdit};
use crate::keys::{FOREIGN_KEY, pooled};

impl Mutation {
    /// Sets `alg: none` and removes the signature.
    #[must_use]
    pub fn alg_none() -> Self {
        Self::alg_none_spelt("none")
    }

    /// Sets `alg` to a spelling of `none` (`None`, `nOnE` …) and removes the signature.
    #[must_use]
    pub fn alg_none_spelt(spelling: &str) -> Self {
        Self::header("alg", spelling).and(Self::seal(Seal::Nothing))
    }

    /// Sets `alg: none` and keeps the valid RS256 signature.
    #[must_use]
    pub fn alg_none_with_signature() -> Self {
        Self::header("alg", "none")
    }

    /// Signs by HS256 with the PEM of the public key as secret.
    #[must_use]
    pub fn hs256_with_public_key() -> Self {
        Self::seal(Seal::HmacPublicKey)
    }

    /// Signs by HS256 with the client secret.
    #[must_use]
    pub fn hs256_with_client_secret() -> Self {
        Self::seal(Seal::HmacClientSecret)
    }

    /// Signs by HS256 with an empty secret.
    #[must_use]
    pub fn hs256_with_empty_key() -> Self {
        Self::seal(Seal::HmacEmpty)
    }

    /// Signs by the right key with another RSA algorithm: `RS384`, `RS512`, `PS256`, `PS384`, `PS512`.
    #[must_use]
    pub fn algorithm(name: &str) -> Self {
        Self::seal(Seal::Algorithm(name.to_owned()))
    }

    /// Signs by ES256 with a key of the attacker.
    #[must_use]
    pub fn es256() -> Self {
        Self::seal(Seal::EllipticCurve)
    }

    /// Flips one bit of the signature.
    #[must_use]
    pub fn flipped_signature() -> Self {
        Self::signature(SignatureEdit::Flip)
    }

    /// Empties the signature.
    #[must_use]
    pub fn empty_signature() -> Self {
        Self::signature(SignatureEdit::Empty)
    }

    /// Cuts the signature to half its length.
    #[must_use]
    pub fn truncated_signature() -> Self {
        Self::signature(SignatureEdit::Truncate)
    }

    /// Signs by a key that is not published, under the right `kid`.
    #[must_use]
    pub fn foreign_key() -> Self {
        Self::seal(Seal::Foreign)
    }

    /// Replaces the payload and keeps the signature.
    #[must_use]
    pub fn swapped_payload() -> Self {
        Self::signature(SignatureEdit::SwapPayload)
    }

    /// Signs by the second published key under the `kid` of the first.
    #[must_use]
    pub fn kid_of_another_key() -> Self {
        Self::seal(Seal::Spare)
    }

    /// Signs by the attacker's key and embeds it in the header (`jwk`).
    #[must_use]
    pub fn embedded_jwk() -> Self {
        let key = pooled(FOREIGN_KEY)
            .map(|key| json!({"kty": "RSA", "n": key.modulus, "e": key.exponent, "alg": "RS256", "kid": key.kid}));
        Self::header("jwk", key.unwrap_or_default()).and(Self::seal(Seal::Foreign))
    }

    /// Signs by the attacker's key and names its key set in the header (`jku`).
    #[must_use]
    pub fn jku(url: &str) -> Self {
        Self::header("jku", url).and(Self::seal(Seal::Foreign))
    }

    /// As [`Mutation::jku`] with `x5u`.
    #[must_use]
    pub fn x5u(url: &str) -> Self {
        Self::header("x5u", url).and(Self::seal(Seal::Foreign))
    }

    /// Signs by the attacker's key and embeds its certificate in the header (`x5c`).
    #[must_use]
    pub fn x5c() -> Self {
        let chain = pooled(FOREIGN_KEY).map(|key| json!([key.certificate]));
        Self::header("x5c", chain.unwrap_or_default()).and(Self::seal(Seal::Foreign))
    }

    /// Adds an unknown critical extension.
    #[must_use]
    pub fn unknown_crit() -> Self {
        Self::header("crit", json!(["x-must-understand"]))
            .and(Self::header("x-must-understand", true))
    }

    /// Adds `b64: false` (RFC 7797), marked critical or not.
    #[must_use]
    pub fn b64_false(critical: bool) -> Self {
        let plain = Self::header("b64", false);
        if critical {
            plain.and(Self::header("crit", json!(["b64"])))
        } else {
            plain
        }
    }

    /// Sets the type, such as `at+jwt` or `logout+jwt`.
    #[must_use]
    pub fn typ(typ: &str) -> Self {
        Self::header("typ", typ)
    }

    /// Wraps the token in the five parts of an encrypted token.
    #[must_use]
    pub fn encrypted() -> Self {
        Self::shape(Shape::Encrypted)
    }

    /// Removes the third part.
    #[must_use]
    pub fn two_parts() -> Self {
        Self::shape(Shape::TwoParts)
    }

    /// Adds a fourth part.
    #[must_use]
    pub fn four_parts() -> Self {
        Self::shape(Shape::FourParts)
    }

    /// Puts spaces around the token.
    #[must_use]
    pub fn spaced() -> Self {
        Self::shape(Shape::Spaced)
    }

    /// Puts a line feed inside the payload.
    #[must_use]
    pub fn line_feed() -> Self {
        Self::shape(Shape::LineFeed)
    }

    /// Pads each part with `=`.
    #[must_use]
    pub fn padded() -> Self {
        Self::shape(Shape::Padded)
    }

    /// Encodes the parts in the standard base64 alphabet.
    #[must_use]
    pub fn standard_base64() -> Self {
        Self::shape(Shape::StandardBase64)
    }

    /// Adds a second `alg`, which is `none`.
    #[must_use]
    pub fn duplicate_alg() -> Self {
        Self::duplicate_header("alg", "\"none\"")
    }

    /// Sets `kid` to any value (text, number, path …).
    #[must_use]
    pub fn kid(value: impl Into<serde_json::Value>) -> Self {
        Self::header("kid", value)
    }

    /// Appends `length` characters to `kid`.
    #[must_use]
    pub fn huge_kid(length: usize) -> Self {
        Self::edit(Edit::Header(MemberEdit::Grow("kid".to_owned(), length)))
    }

    /// Removes `kid`.
    #[must_use]
    pub fn without_kid() -> Self {
        Self::without_header("kid")
    }

    /// Signs by a real key of 1024 bits; publish it with [`KeyEdit::WeakKey`](crate::KeyEdit::WeakKey).
    #[must_use]
    pub fn weak_key() -> Self {
        Self::seal(Seal::WeakKey)
    }

    /// Signs so that only a key of exponent 1 verifies the token; publish that with [`KeyEdit::ExponentOne`](crate::KeyEdit::ExponentOne).
    #[must_use]
    pub fn exponent_one() -> Self {
        Self::seal(Seal::ExponentOne)
    }
}
