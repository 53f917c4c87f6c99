//! A real RSA key of 1024 bits and its signature, which current libraries refuse to make.
//!
//! RFC 7518 section 3.3 requires 2048 bits. Only a valid signature shows that a verifier does not check the length.

use num_bigint::BigUint;

use crate::encoding::base64url;

/// This key was made for this file and is used nowhere else.
const MODULUS: &str = "df1357307bf7f5ef10fa7e9f329deb69a5bdd6f70555966b45a17c8d9308f2db857ff4f65f160d2d4cb6aae6ab2c1e5e108bde358bd39d7d769ae834ab5dca0f10d1ac93c62586f77497192fbe5a9d5db3c8cd8163dd349ff6f03620937308bbee52223de4e1ed59cd0e3e136de0d020247770e990f571c4fa63d4f6985691ed";
const PRIVATE_EXPONENT: &str = "d6b73e001c030304965a1610d3deaf1e647b02f3877de727dfc0dd2b4430a3d9ea78cc676c04c4b02a9bd489ec8eadb82ac30622923120f1077d792e6118088885c1c1cad085efaed4a35082849d5756624bcea60db594f2477617e232c82488e00324bf85cdbcdfa75868a6f0eaee5e1e0aca857d0ca1da579c2b8381bd5b7d";
/// Bytes.
pub(crate) const WEAK_KEY_LENGTH: usize = 128;

/// Returns the modulus, base64url.
pub(crate) fn weak_modulus() -> String {
    base64url(bytes(&number(MODULUS)))
}

/// Signs a padded message of [`WEAK_KEY_LENGTH`] bytes: the RSA private-key operation.
pub(crate) fn weak_signature(padded: &[u8]) -> Vec<u8> {
    let message = BigUint::from_bytes_be(padded);
    bytes(&message.modpow(&number(PRIVATE_EXPONENT), &number(MODULUS)))
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default()
}

/// Big-endian bytes, padded with leading zeros to the length of the modulus.
fn bytes(number: &BigUint) -> Vec<u8> {
    let number = number.to_bytes_be();
    let mut bytes = vec![0; WEAK_KEY_LENGTH.saturating_sub(number.len())];
    bytes.extend(number);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_operation_undoes_the_private_one() {
        let message: Vec<u8> = (0..128).collect();
        let signature = weak_signature(&message);
        let signature = BigUint::from_bytes_be(&signature);
        let opened = signature.modpow(&BigUint::from(65_537_u32), &number(MODULUS));
        assert_eq!(bytes(&opened), message);
    }
}
