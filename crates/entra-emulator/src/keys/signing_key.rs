use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, date_time_ymd};

use crate::encoding::{base64, base64url, sha1};

/// An RSA key with the self-signed certificate under which it is published.
pub(crate) struct SigningKey {
    /// The SHA-1 thumbprint of the certificate: `kid` and `x5t` at once, as the platform makes them.
    pub(crate) kid: String,
    /// The modulus, base64url.
    pub(crate) modulus: String,
    /// The exponent, base64url.
    pub(crate) exponent: String,
    /// The certificate, standard base64 of its DER.
    pub(crate) certificate: String,
    /// The public key as PEM (SPKI): what an attacker uses as an HMAC secret.
    pub(crate) public_pem: String,
    /// The private key as PKCS#8 PEM, for the state folder.
    pub(crate) private_pem: String,
    encoding: EncodingKey,
}

/// Why a key cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the signing key cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the signing key cannot sign: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    #[error("the public key has an unknown form")]
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

    /// A signature over the bytes, base64url.
    pub(crate) fn sign(&self, message: &[u8], algorithm: Algorithm) -> Result<String, KeyError> {
        Ok(crypto::sign(message, &self.encoding, algorithm)?)
    }

    fn of(pair: &KeyPair) -> Result<Self, KeyError> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "LOCAL EMULATOR signing key");
        // A fixed life and serial, so that the same key gives the same certificate and `kid` after a restart.
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

/// The two integers of a PKCS#1 `RSAPublicKey` (RFC 8017 A.1.1), without leading zeros.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let strip = |number: &'_ [u8]| {
        number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or_default()
    };
    Some((
        modulus.get(strip(modulus)..)?,
        exponent.get(strip(exponent)..)?,
    ))
}

/// One DER element of the wanted tag: its content and what follows it.
pub(crate) fn element(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
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
    (*tag == wanted).then_some(())?;
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
