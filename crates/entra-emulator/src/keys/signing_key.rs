//! An RSA signing key with its certificate and identifiers.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, date_time_ymd};

use crate::encoding::{base64, base64url, sha1};

/// An RSA key with the self-signed certificate under which it is published.
pub(crate) struct SigningKey {
    /// The SHA-1 thumbprint of the certificate, base64url; it is also `x5t`, as on the platform.
    pub(crate) kid: String,
    /// base64url, without leading zeros.
    pub(crate) modulus: String,
    /// base64url, without leading zeros.
    pub(crate) exponent: String,
    /// Standard base64 of the DER form.
    pub(crate) certificate: String,
    /// PEM (SPKI); an attacker uses this text as an HMAC secret.
    pub(crate) public_pem: String,
    /// PEM (PKCS #8), for the state folder.
    pub(crate) private_pem: String,
    encoding: EncodingKey,
}

/// The reason for which a key cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the signing key cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the signing key cannot sign: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    #[error("the public key is not an RSA key in PKCS #1 form")]
    Form,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Self::of(&KeyPair::generate_for(&PKCS_RSA_SHA256)?)
    }

    pub(crate) fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::of(&KeyPair::from_pkcs8_pem_and_sign_algo(
            pem,
            &PKCS_RSA_SHA256,
        )?)
    }

    /// Signs the bytes; the signature is base64url.
    pub(crate) fn sign(&self, message: &[u8], algorithm: Algorithm) -> Result<String, KeyError> {
        Ok(crypto::sign(message, &self.encoding, algorithm)?)
    }

    fn of(pair: &KeyPair) -> Result<Self, KeyError> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "LOCAL EMULATOR signing key");
        // Fixed validity and serial number: the same key must give the same certificate and `kid` after a restart.
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2044, 1, 1);
        params.serial_number = Some(1_u64.into());
        let certificate = params.self_signed(pair)?;
        let (modulus, exponent) = rsa_components(pair.public_key_raw()).ok_or(KeyError::Form)?;
        let private_pem = pair.serialize_pem();
        Ok(Self {
            kid: base64url(sha1(certificate.der())),
            modulus: base64url(modulus),
            exponent: base64url(exponent),
            certificate: base64(certificate.der()),
            public_pem: pair.public_key_pem(),
            encoding: EncodingKey::from_rsa_pem(private_pem.as_bytes())?,
            private_pem,
        })
    }
}

/// Reads modulus and exponent of a PKCS #1 `RSAPublicKey` (RFC 8017 A.1.1), without leading zeros.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_element(der, 0x30)?;
    let (modulus, rest) = der_element(sequence, 0x02)?;
    let (exponent, _) = der_element(rest, 0x02)?;
    let leading_zeros = |number: &'_ [u8]| {
        number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or_default()
    };
    Some((
        modulus.get(leading_zeros(modulus)..)?,
        exponent.get(leading_zeros(exponent)..)?,
    ))
}

/// Reads one DER element with the expected tag; returns its content and the bytes behind it.
pub(crate) fn der_element(der: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        (
            bytes.iter().try_fold(0_usize, |sum, byte| {
                sum.checked_mul(256)?.checked_add(usize::from(*byte))
            })?,
            rest,
        )
    };
    (*tag == expected).then_some(())?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_read_back_is_published_the_same() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pem(&key.private_pem).unwrap();
        assert_eq!((&key.kid, &key.modulus), (&again.kid, &again.modulus));
        assert_eq!(key.exponent, "AQAB");
        assert_eq!(key.modulus.len(), 342);
    }
}
