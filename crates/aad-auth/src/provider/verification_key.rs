//! A public key, parsed once and ready to verify.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::Issuer;

/// One key of the provider's key set, with what it may be used for.
pub struct VerificationKey {
    /// The key's id; a key set of a single key may do without.
    pub kid: Option<Box<str>>,
    /// The issuer whose tokens this key may sign (Entra's own member).
    pub issuer: Option<Issuer>,
    /// The cloud that this key belongs to (Entra's own member).
    pub cloud_instance_name: Option<Box<str>>,
    pub(crate) material: Material,
    /// The members as they were published, to tell a changed key from the same one, and for snapshots.
    /// More than one where several algorithms share a `kid`.
    pub(crate) members: Vec<Value>,
}

/// The parsed key, once for each algorithm that it may verify: aws-lc binds the two.
pub(crate) struct Material {
    pub(crate) rs256: Option<ParsedPublicKey>,
    pub(crate) ps256: Option<ParsedPublicKey>,
    pub(crate) es256: Option<ParsedPublicKey>,
}

impl Material {
    /// From big-endian modulus and exponent without leading zeros.
    pub(crate) fn rsa(n: &[u8], e: &[u8], rs256: bool, ps256: bool) -> Option<Self> {
        let components = RsaPublicKeyComponents { n, e };
        Some(Self {
            rs256: rs256
                .then(|| components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256))
                .transpose()
                .ok()?,
            ps256: ps256
                .then(|| components.to_parsed_public_key(&RSA_PSS_2048_8192_SHA256))
                .transpose()
                .ok()?,
            es256: None,
        })
    }

    /// From the two 32-byte coordinates of a point on P-256; a point off the curve is refused.
    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        let point = [&[4], x, y].concat();
        Some(Self {
            rs256: None,
            ps256: None,
            es256: Some(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?),
        })
    }
}

impl VerificationKey {
    /// Takes over what `other`, a key of the same id, verifies and this one does not. Providers publish
    /// one key under one id once for each algorithm. A second key for the same algorithm, of another
    /// issuer or of another cloud does not count.
    pub(super) fn absorb(&mut self, other: Self) {
        let fits =
            self.issuer == other.issuer && self.cloud_instance_name == other.cloud_instance_name;
        let own = &mut self.material;
        let new = (own.rs256.is_none() && other.material.rs256.is_some())
            || (own.ps256.is_none() && other.material.ps256.is_some())
            || (own.es256.is_none() && other.material.es256.is_some());
        if !fits || !new {
            return;
        }
        own.rs256 = own.rs256.take().or(other.material.rs256);
        own.ps256 = own.ps256.take().or(other.material.ps256);
        own.es256 = own.es256.take().or(other.material.es256);
        self.members.extend(other.members);
    }

    /// Whether the key itself says with which algorithm it signs.
    pub(super) fn names_its_algorithm(&self) -> bool {
        let has_alg = |member: &Value| member.get("alg").is_some_and(Value::is_string);
        self.material.es256.is_some() || self.members.iter().any(has_alg)
    }

    /// Whether the key may verify `algorithm` at all.
    pub const fn supports(&self, algorithm: Algorithm) -> bool {
        self.material(algorithm).is_some()
    }

    /// Whether `signature` over `message` was made with this key's private half.
    ///
    /// aws-lc verifies directly: jsonwebtoken 11 keeps keys as bytes and would parse this one
    /// again for every token, which costs as much as the verification itself.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.material(algorithm)
            .is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    const fn material(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match algorithm {
            Algorithm::RS256 => self.material.rs256.as_ref(),
            Algorithm::PS256 => self.material.ps256.as_ref(),
            Algorithm::ES256 => self.material.es256.as_ref(),
            _ => None,
        }
    }
}

impl PartialEq for VerificationKey {
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}

impl std::fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerificationKey")
            .field("kid", &self.kid)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
