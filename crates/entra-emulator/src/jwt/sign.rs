//! Signs a draft and writes it in its compact form.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, crypto};

use super::{Draft, Seal, Shape, SignatureEdit};
use crate::encoding::{base64, base64url, from_base64url, sha256};
use crate::keys::{
    FOREIGN_KEY, KeyError, SigningKey, WEAK_KEY_LENGTH, ec_key, pooled, weak_signature,
};

/// The keys that may sign a draft.
pub(crate) struct Signers {
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) spare: Option<Arc<SigningKey>>,
    pub(crate) client_secret: String,
}

/// Signs a draft and writes its compact form, with the changes that it carries.
pub(crate) fn compact(draft: &Draft, signers: &Signers) -> Result<String, KeyError> {
    let mut draft = draft.clone();
    if let Some(algorithm) = header_algorithm(&draft.seal) {
        draft.header.set("alg", algorithm);
    }
    let header = draft.header.to_text().into_bytes();
    let payload = draft.payload();
    let message = format!("{}.{}", base64url(&header), base64url(&payload));
    let signature = apply_to_signature(
        &seal(&draft.seal, message.as_bytes(), signers)?,
        draft.signature,
    );
    if draft.signature == Some(SignatureEdit::SwapPayload) {
        draft
            .claims
            .set("oid", "ffffffff-0000-4000-8000-00000000dead");
        draft.claims.set("sub", "another-subject");
        return Ok(shaped(draft.shape, &header, &draft.payload(), &signature));
    }
    Ok(shaped(draft.shape, &header, &payload, &signature))
}

/// Returns the header's algorithm for seals that change it; all others keep the header.
fn header_algorithm(seal: &Seal) -> Option<&str> {
    match seal {
        Seal::Algorithm(name) => Some(name),
        Seal::EllipticCurve => Some("ES256"),
        Seal::HmacPublicKey | Seal::HmacClientSecret | Seal::HmacEmpty => Some("HS256"),
        Seal::Signing
        | Seal::Spare
        | Seal::Foreign
        | Seal::ExponentOne
        | Seal::WeakKey
        | Seal::Nothing => None,
    }
}

fn seal(seal: &Seal, message: &[u8], signers: &Signers) -> Result<String, KeyError> {
    let hmac =
        |secret: &[u8]| crypto::sign(message, &EncodingKey::from_secret(secret), Algorithm::HS256);
    match seal {
        Seal::Signing => signers.signing.sign(message, Algorithm::RS256),
        Seal::Algorithm(name) => signers.signing.sign(message, name.parse()?),
        Seal::Spare => signers
            .spare
            .as_ref()
            .unwrap_or(&signers.signing)
            .sign(message, Algorithm::RS256),
        Seal::Foreign => pooled(FOREIGN_KEY)?.sign(message, Algorithm::RS256),
        Seal::EllipticCurve => Ok(crypto::sign(message, &ec_key()?, Algorithm::ES256)?),
        Seal::HmacPublicKey => Ok(hmac(signers.signing.public_pem.as_bytes())?),
        Seal::HmacClientSecret => Ok(hmac(signers.client_secret.as_bytes())?),
        Seal::HmacEmpty => Ok(hmac(b"")?),
        Seal::ExponentOne => Ok(base64url(padded_digest(message, 256))),
        Seal::WeakKey => Ok(base64url(weak_signature(&padded_digest(
            message,
            WEAK_KEY_LENGTH,
        )))),
        Seal::Nothing => Ok(String::new()),
    }
}

/// Encodes a message by EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 9.2).
fn padded_digest(message: &[u8], length: usize) -> Vec<u8> {
    const PREFIX: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let tail: Vec<u8> = PREFIX.iter().copied().chain(sha256(message)).collect();
    let padding = length.saturating_sub(tail.len()).saturating_sub(3);
    [vec![0x00, 0x01], vec![0xff; padding], vec![0x00], tail].concat()
}

/// Decodes a signature and applies the change to its bytes.
pub(crate) fn apply_to_signature(signature: &str, edit: Option<SignatureEdit>) -> Vec<u8> {
    let mut bytes = from_base64url(signature).unwrap_or_default();
    match edit {
        Some(SignatureEdit::Flip) => {
            if let Some(byte) = bytes.get_mut(20) {
                *byte ^= 0x10;
            }
        }
        Some(SignatureEdit::Truncate) => bytes.truncate(bytes.len() / 2),
        Some(SignatureEdit::Empty) => bytes.clear(),
        Some(SignatureEdit::SwapPayload) | None => {}
    }
    bytes
}

fn shaped(shape: Shape, header: &[u8], payload: &[u8], signature: &[u8]) -> String {
    let compact = format!(
        "{}.{}.{}",
        base64url(header),
        base64url(payload),
        base64url(signature)
    );
    match shape {
        Shape::Compact => compact,
        Shape::TwoParts => format!("{}.{}", base64url(header), base64url(payload)),
        Shape::FourParts => format!("{compact}.{}", base64url(b"more")),
        Shape::Encrypted => encrypted(&compact),
        Shape::Padded => [header, payload, signature]
            .map(|part| pad(base64url(part)))
            .join("."),
        Shape::StandardBase64 => [header, payload, signature].map(base64).join("."),
        Shape::Spaced => format!(" {compact} "),
        Shape::LineFeed => {
            let middle = base64url(payload);
            let (first, second) = middle.split_at(middle.len() / 2);
            format!(
                "{}.{first}\n{second}.{}",
                base64url(header),
                base64url(signature)
            )
        }
        Shape::Nothing => String::new(),
    }
}

fn pad(mut part: String) -> String {
    while !part.len().is_multiple_of(4) {
        part.push('=');
    }
    part
}

/// Wraps the token in the form of a JWE (RFC 7516); nothing is encrypted.
fn encrypted(inner: &str) -> String {
    let header = br#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT","zip":"DEF"}"#;
    let parts = [&header[..], &[7; 256], &[7; 12], inner.as_bytes(), &[7; 16]];
    parts.map(base64url).join(".")
}
