//! A parsed public key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::Issuer;

/// One key of the provider's key set, with its restrictions.
pub struct VerificationKey {
    /// The key id. `None` where the key set has none.
    pub kid: Option<Box<str>>,
    /// The only issuer whose tokens this key may sign (a member of Entra's).
    pub issuer: Option<Issuer>,
    /// The cloud of this key (a member of Entra's).
    pub cloud_instance_name: Option<Box<str>>,
    pub(crate) parsed: ParsedKeys,
    /// The published members, for comparison and for snapshots. Several where several algorithms share
    /// a `kid`.
    pub(crate) members: Vec<Value>,
}

/// The parsed key, once for each algorithm that it may verify: aws-lc binds a key to an algorithm.
pub(crate) struct ParsedKeys {
    pub(crate) rs256: Option<ParsedPublicKey>,
    pub(crate) ps256: Option<ParsedPublicKey>,
    pub(crate) es256: Option<ParsedPublicKey>,
}

impl ParsedKeys {
    /// Parses a big-endian modulus and exponent without leading zeros.
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

    /// Parses the two 32-byte coordinates of a point on P-256. Refuses a point off the curve.
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
    /// Adds the algorithms of `other`, a key with the same id: providers publish a key once for each
    /// algorithm. Ignores a second key for the same algorithm, and a key of another issuer or cloud.
    pub(super) fn absorb(&mut self, other: Self) {
        let fits =
            self.issuer == other.issuer && self.cloud_instance_name == other.cloud_instance_name;
        let own = &mut self.parsed;
        let new = (own.rs256.is_none() && other.parsed.rs256.is_some())
            || (own.ps256.is_none() && other.parsed.ps256.is_some())
            || (own.es256.is_none() && other.parsed.es256.is_some());
        if !fits || !new {
            return;
        }
        own.rs256 = own.rs256.take().or(other.parsed.rs256);
        own.ps256 = own.ps256.take().or(other.parsed.ps256);
        own.es256 = own.es256.take().or(other.parsed.es256);
        self.members.extend(other.members);
    }

    /// Whether the key determines its algorithm, by its curve or its `alg`.
    pub(super) fn names_its_algorithm(&self) -> bool {
        let has_alg = |member: &Value| member.get("alg").is_some_and(Value::is_string);
        self.parsed.es256.is_some() || self.members.iter().any(has_alg)
    }

    /// Whether the key may verify `algorithm`.
    pub const fn supports(&self, algorithm: Algorithm) -> bool {
        self.parsed_key(algorithm).is_some()
    }

    /// Whether `signature` over `message` was made with this key's private half.
    ///
    /// Verifies with aws-lc directly: jsonwebtoken 11 would parse the key again for every token, which
    /// costs as much as the verification.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.parsed_key(algorithm)
            .is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    const fn parsed_key(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match algorithm {
            Algorithm::RS256 => self.parsed.rs256.as_ref(),
            Algorithm::PS256 => self.parsed.ps256.as_ref(),
            Algorithm::ES256 => self.parsed.es256.as_ref(),
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
