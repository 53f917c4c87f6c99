//! The compact form (RFC 7515 section 7.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::rejection::{Code, Reason, Rejection};

/// A token taken apart: two dots, nothing decoded yet.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// What is signed: header, dot, payload.
    pub(crate) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart when it is at most `cap` bytes and has exactly three parts: an
    /// encrypted token has five, and goes no further (abuse A15).
    pub(crate) fn split(token: &'a str, cap: usize) -> Result<Self, Rejection> {
        if token.len() > cap {
            return Err(Rejection::new(Code::Size, Reason::TooLarge));
        }
        let malformed = Rejection::new(Code::Shape, Reason::Malformed);
        let (signing_input, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(malformed)?;
        if header.is_empty() || payload.is_empty() || payload.contains('.') {
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

/// Strict base64url: no padding, no other alphabet, no loose bits at the end, so that one token
/// has one spelling.
pub(crate) fn decode(part: &str) -> Result<Vec<u8>, Rejection> {
    URL_SAFE_NO_PAD
        .decode(part)
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
        assert_eq!(decode("YQ").unwrap(), b"a");
    }
}
