//! Changes of a token: of header, claims, signing, signature and form.

use serde::{Deserialize, Serialize};

use super::MemberEdit;

/// The key and algorithm that sign a token.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seal {
    /// The signing key, RS256.
    #[default]
    Signing,
    /// The signing key with another RSA algorithm (`RS384`, `RS512`, `PS256` …), which the header names.
    Algorithm(String),
    /// A published key other than the signing key; `kid` is unchanged.
    Spare,
    /// The attacker's key, which is not published; `kid` is unchanged.
    Foreign,
    /// An elliptic-curve key of the attacker, ES256.
    EllipticCurve,
    /// HS256 with the public key's PEM as secret.
    HmacPublicKey,
    /// HS256 with the client secret.
    HmacClientSecret,
    /// HS256 with an empty secret.
    HmacEmpty,
    /// PKCS #1 padding without exponentiation: valid under a key of exponent 1.
    ExponentOne,
    /// A real key of 1024 bits; `kid` is unchanged.
    WeakKey,
    /// An empty signature.
    Nothing,
}

/// A change of the finished signature.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureEdit {
    /// Flips one bit.
    Flip,
    /// Cuts the signature to half its length.
    Truncate,
    /// Removes the signature and keeps the point before it.
    Empty,
    /// Keeps the signature and replaces the payload by one with another `oid`.
    SwapPayload,
}

/// The form of the finished token.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// Three parts.
    #[default]
    Compact,
    /// The signature and its point are missing.
    TwoParts,
    /// Four parts.
    FourParts,
    /// Five parts, with the header of an encrypted token.
    Encrypted,
    /// Padding (`=`) behind each part.
    Padded,
    /// The standard base64 alphabet with padding.
    StandardBase64,
    /// A space before and after the token.
    Spaced,
    /// A line feed inside the payload part.
    LineFeed,
    /// An empty text.
    Nothing,
}

/// A change of a token.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edit {
    /// Changes a header parameter.
    Header(MemberEdit),
    /// Changes a claim.
    Claims(MemberEdit),
    /// Replaces the payload by these bytes (base64url).
    Payload(String),
    /// Signs with another key or algorithm.
    Seal(Seal),
    /// Changes the signature.
    Signature(SignatureEdit),
    /// Changes the form.
    Shape(Shape),
}
