//! From a text to verified claims, in the order that is safe and cheap: shape, header, claims, rules, key,
//! signature. A step before the signature can only refuse.

use super::{
    Claims, ClaimsContext, Header, KeyFacts, Rejection, Rules, VerifiedClaims, check, check_key,
    compact::{Compact, MAX_SIGNATURE, decode, decode_signature},
    rejection::{Code, Reason},
    surrogates::without_lone_surrogates,
};
use crate::{clock::Timestamp, config::SigningAlgorithms, provider::VerificationKey};

/// A token that was read and is not verified.
pub struct Candidate<'a> {
    header: Header,
    // Boxed: the claims are large and are moved several times.
    claims: Box<Claims>,
    payload: Box<[u8]>,
    signing_input: &'a str,
    signature: &'a str,
}

/// A token whose claims break no rule, and whose signature is not verified yet.
pub struct Checked<'a> {
    candidate: Candidate<'a>,
    /// The rejection after a genuine signature. With a forged token, a client must not find out which
    /// tenants are allowed.
    deferred: Option<Rejection>,
}

/// The default limit of the length of a token, in bytes. A token with 200 groups has about 10 KiB.
pub const DEFAULT_MAX_TOKEN: usize = 16 * 1024;

impl<'a> Candidate<'a> {
    /// Reads a token of at most `max` bytes.
    ///
    /// # Errors
    /// When shape, header or claims are not acceptable.
    pub fn read(
        token: &'a str,
        context: ClaimsContext<'_>,
        algorithms: SigningAlgorithms,
        max: usize,
    ) -> Result<Self, Rejection> {
        let compact = Compact::split(token, max)?;
        let header = Header::parse(&decode(compact.header)?, context.kind, algorithms)?;
        let (claims, payload) = read_claims(decode(compact.payload)?, context)?;
        Ok(Self {
            header,
            claims,
            payload,
            signing_input: compact.signing_input,
            signature: compact.signature,
        })
    }

    /// The header, to choose the key.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Checks the claims.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(self, rules: &Rules<'_>, now: Timestamp) -> Result<Checked<'a>, Rejection> {
        let deferred = match check(&self.claims, rules, now) {
            Ok(()) => None,
            Err(rejection) if rejection.is_tenant_not_allowed() => Some(rejection),
            Err(rejection) => return Err(rejection),
        };
        Ok(Checked {
            candidate: self,
            deferred,
        })
    }
}

/// Reads the claims, with U+FFFD in place of a lone surrogate: some systems cut names in the middle of an
/// emoji. In a claim that a rule reads, U+FFFD matches nothing.
fn read_claims(
    payload: Box<[u8]>,
    context: ClaimsContext<'_>,
) -> Result<(Box<Claims>, Box<[u8]>), Rejection> {
    match Claims::parse(&payload, context) {
        Ok(claims) => Ok((Box::new(claims), payload)),
        Err(rejection) => {
            let repaired = without_lone_surrogates(&payload).ok_or(rejection)?;
            let claims = Claims::parse(&repaired, context)?;
            Ok((Box::new(claims), repaired))
        }
    }
}

impl Checked<'_> {
    /// The header, to choose the key.
    pub const fn header(&self) -> &Header {
        &self.candidate.header
    }

    /// Verifies the signature with the key that the header names.
    ///
    /// # Errors
    /// When the key may not sign this token, or did not sign it.
    pub fn verify(
        self,
        key: &VerificationKey,
        rules: &Rules<'_>,
        announced_cloud: Option<&str>,
    ) -> Result<VerifiedClaims, Rejection> {
        let Self {
            candidate,
            deferred,
        } = self;
        let algorithm = candidate.header.algorithm;
        if !key.supports(algorithm) {
            return Err(Rejection::new(Code::Algorithm, Reason::Mismatch));
        }
        let facts = KeyFacts {
            issuer: key.issuer.as_ref(),
            cloud_instance_name: key.cloud_instance_name.as_deref(),
            announced_cloud,
        };
        check_key(&candidate.claims, rules, &facts)?;
        let mut buffer = [0; MAX_SIGNATURE];
        let signature = decode_signature(candidate.signature, &mut buffer)?;
        if !key.verify(algorithm, candidate.signing_input.as_bytes(), signature) {
            return Err(Rejection::new(Code::Signature, Reason::Mismatch));
        }
        match deferred {
            Some(rejection) => Err(rejection),
            None => Ok(VerifiedClaims::new(
                candidate.claims,
                candidate.payload,
                rules.directory_claims,
            )),
        }
    }
}
