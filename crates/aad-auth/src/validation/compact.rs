//! The compact serialisation of a JWS (RFC 7515 section 7.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::rejection::{Code, Reason, Rejection};

/// The three parts of a token, not decoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// The signing input: header, dot, payload.
    pub(crate) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token of at most `cap` bytes into exactly three parts. Refuses an encrypted token, which
    /// has five (abuse A15).
    pub(crate) fn split(token: &'a str, cap: usize) -> Result<Self, Rejection> {
        if token.len() > cap {
            return Err(Rejection::new(Code::Size, Reason::TooLarge));
        }
        let malformed = Rejection::new(Code::Shape, Reason::Malformed);
        // Tokens are long: memchr compares many bytes at a time.
        let last = memchr::memrchr(b'.', token.as_bytes());
        let (signing_input, signature) = apart(token, last).ok_or(malformed)?;
        let first = memchr::memchr(b'.', signing_input.as_bytes());
        let (header, payload) = apart(signing_input, first).ok_or(malformed)?;
        let third = memchr::memchr(b'.', payload.as_bytes());
        if header.is_empty() || payload.is_empty() || third.is_some() {
            return Err(malformed);
        }
        if signature.is_empty() {
            return Err(Rejection::new(Code::Signature, Reason::Missing));
        }
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// The `kid` in the header of a token that was verified earlier.
pub(crate) fn key_id(token: &str) -> Option<String> {
    let (header, _) = token.split_once('.')?;
    let header: Value = serde_json::from_slice(&decode(header).ok()?).ok()?;
    Some(header.get("kid")?.as_str()?.to_owned())
}

/// The texts before and after the byte at `at`.
fn apart(text: &str, at: Option<usize>) -> Option<(&str, &str)> {
    let at = at?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Decodes strict base64url: no padding, no other alphabet, no unused bits at the end. So a token has one
/// encoding.
pub(crate) fn decode(part: &str) -> Result<Box<[u8]>, Rejection> {
    let mut bytes = vec![0; decoded_len(part)].into_boxed_slice();
    decode_into(part, &mut bytes)?;
    Ok(bytes)
}

/// Decodes a signature into a buffer on the stack.
///
/// # Errors
/// Also when the signature is longer than that of the largest key.
pub(crate) fn decode_signature<'b>(
    part: &str,
    buffer: &'b mut [u8; MAX_SIGNATURE],
) -> Result<&'b [u8], Rejection> {
    let bytes = buffer
        .get_mut(..decoded_len(part))
        .ok_or(Rejection::new(Code::Signature, Reason::TooLarge))?;
    decode_into(part, bytes)?;
    Ok(bytes)
}

/// The length of a signature by an RSA key of 8192 bits, in bytes.
pub(crate) const MAX_SIGNATURE: usize = 1024;

/// Four characters encode three bytes, also in the last group without padding.
const fn decoded_len(part: &str) -> usize {
    part.len() / 4 * 3 + part.len() % 4 * 3 / 4
}

fn decode_into(part: &str, bytes: &mut [u8]) -> Result<(), Rejection> {
    let decoded = URL_SAFE_NO_PAD.decode_slice(part, bytes);
    // A successful decoding fills the buffer: its length follows from the length of the text.
    decoded
        .map(drop)
        .map_err(|_| Rejection::new(Code::Shape, Reason::Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_counts_of_parts_are_refused() {
        for token in [
            "",
            "a",
            "a.b",
            "a.b.c.d",
            "a.b.c.d.e",
            ".b.c",
            "a..c",
            "..",
            "....",
        ] {
            assert!(Compact::split(token, 100).is_err(), "{token}");
        }
    }

    #[test]
    fn an_empty_signature_is_refused() {
        let rejection = Compact::split("a.b.", 100).err().unwrap();
        assert_eq!(rejection, Rejection::new(Code::Signature, Reason::Missing));
    }

    #[test]
    fn a_token_above_the_cap_is_refused_before_it_is_read() {
        let token = "a".repeat(101);
        let rejection = Compact::split(&token, 100).err().unwrap();
        assert_eq!(rejection.code, Code::Size);
        assert!(Compact::split("a.b.c", 4).is_err() && Compact::split("a.b.c", 5).is_ok());
    }

    #[test]
    fn padding_standard_alphabet_blanks_and_loose_bits_are_refused() {
        for part in ["YQ==", "a+b/", "Y Q", "YQ\n", "YR", "Y"] {
            assert!(decode(part).is_err(), "{part:?}");
        }
        for (part, bytes) in [
            ("", &b""[..]),
            ("YQ", b"a"),
            ("YWI", b"ab"),
            ("YWJj", b"abc"),
        ] {
            assert_eq!(*decode(part).unwrap(), *bytes);
            assert_eq!(
                decode_signature(part, &mut [0; MAX_SIGNATURE]).unwrap(),
                bytes
            );
        }
    }

    #[test]
    fn a_signature_longer_than_any_key_makes_is_refused() {
        let mut buffer = [0; MAX_SIGNATURE];
        let sized = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![7; bytes]);
        let longest = sized(MAX_SIGNATURE);
        let bytes = decode_signature(&longest, &mut buffer).unwrap();
        assert_eq!(bytes, [7; MAX_SIGNATURE]);
        let rejection = decode_signature(&sized(MAX_SIGNATURE + 1), &mut buffer).unwrap_err();
        assert_eq!(rejection, Rejection::new(Code::Signature, Reason::TooLarge));
        assert!(decode_signature("YR", &mut buffer).is_err());
    }
}
