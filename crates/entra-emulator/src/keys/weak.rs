//! A real RSA key of 1024 bits, which no library makes or uses any more: a verifier that accepts it must be caught by a
//! signature that holds (RFC 7518 3.3 wants 2048 bits).

use crate::encoding::base64url;

/// Invented for this file and used for nothing else.
const MODULUS: &str = "df1357307bf7f5ef10fa7e9f329deb69a5bdd6f70555966b45a17c8d9308f2db857ff4f65f160d2d4cb6aae6ab2c1e5e108bde358bd39d7d769ae834ab5dca0f10d1ac93c62586f77497192fbe5a9d5db3c8cd8163dd349ff6f03620937308bbee52223de4e1ed59cd0e3e136de0d020247770e990f571c4fa63d4f6985691ed";
const PRIVATE_EXPONENT: &str = "d6b73e001c030304965a1610d3deaf1e647b02f3877de727dfc0dd2b4430a3d9ea78cc676c04c4b02a9bd489ec8eadb82ac30622923120f1077d792e6118088885c1c1cad085efaed4a35082849d5756624bcea60db594f2477617e232c82488e00324bf85cdbcdfa75868a6f0eaee5e1e0aca857d0ca1da579c2b8381bd5b7d";
/// The length of the modulus, bytes.
pub(crate) const WEAK_KEY_LENGTH: usize = 128;

const LIMBS: usize = 16;
type Number = [u64; LIMBS];

/// The modulus, base64url.
pub(crate) fn weak_modulus() -> String {
    base64url(bytes(&number(MODULUS)))
}

/// The private operation on a padded message of [`WEAK_KEY_LENGTH`] bytes.
pub(crate) fn weak_signature(padded: &[u8]) -> Vec<u8> {
    let modulus = number(MODULUS);
    let hex: String = padded.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes(&power(&number(&hex), &number(PRIVATE_EXPONENT), &modulus)).to_vec()
}

/// Lowest limb first.
fn number(hex: &str) -> Number {
    let mut number = [0; LIMBS];
    for (limb, digits) in number.iter_mut().rev().zip(hex.as_bytes().chunks(16)) {
        *limb = std::str::from_utf8(digits)
            .ok()
            .and_then(|text| u64::from_str_radix(text, 16).ok())
            .unwrap_or_default();
    }
    number
}

fn bytes(number: &Number) -> Vec<u8> {
    number
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .collect()
}

fn power(base: &Number, exponent: &Number, modulus: &Number) -> Number {
    let mut result = [0; LIMBS];
    result[0] = 1;
    for limb in exponent.iter().rev() {
        for at in (0..64).rev() {
            result = product(&result, &result, modulus);
            if limb >> at & 1 == 1 {
                result = product(&result, base, modulus);
            }
        }
    }
    result
}

/// Double and add: slow, short, and used for a handful of test tokens.
fn product(left: &Number, right: &Number, modulus: &Number) -> Number {
    let mut result = [0; LIMBS];
    for limb in left.iter().rev() {
        for at in (0..64).rev() {
            result = sum(&result, &result, modulus);
            if limb >> at & 1 == 1 {
                result = sum(&result, right, modulus);
            }
        }
    }
    result
}

fn sum(left: &Number, right: &Number, modulus: &Number) -> Number {
    let mut total = [0; LIMBS];
    let mut carry = false;
    for (limb, (left, right)) in total.iter_mut().zip(left.iter().zip(right)) {
        let (partial, first) = left.overflowing_add(*right);
        let (value, second) = partial.overflowing_add(u64::from(carry));
        (*limb, carry) = (value, first || second);
    }
    if carry || total.iter().rev().ge(modulus.iter().rev()) {
        difference(&total, modulus)
    } else {
        total
    }
}

fn difference(left: &Number, right: &Number) -> Number {
    let mut result = [0; LIMBS];
    let mut borrow = false;
    for (limb, (left, right)) in result.iter_mut().zip(left.iter().zip(right)) {
        let (partial, first) = left.overflowing_sub(*right);
        let (value, second) = partial.overflowing_sub(u64::from(borrow));
        (*limb, borrow) = (value, first || second);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_operation_undoes_the_private_one() {
        let message: Vec<u8> = (0..128).collect();
        let signature = weak_signature(&message);
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let exponent = number(&format!("{:0>256}", "10001"));
        assert_eq!(
            bytes(&power(&number(&hex), &exponent, &number(MODULUS))),
            message
        );
    }
}
