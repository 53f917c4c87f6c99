//! The header: looked at only to choose a key and to refuse.

use std::fmt;

use jsonwebtoken::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{
    TokenKind,
    json::{Kept, Name, Names, Skipped},
    rejection::{Code, Reason, Rejection},
    token_kind::is_access_token_type,
};
use crate::config::SigningAlgorithms;

/// What is used of a header: nothing but the choice of key. Keys and addresses of keys in it
/// (`jwk`, `jku`, `x5u`, `x5c`) are never looked at (RFC 8725 section 3.10).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// One of the configured algorithms.
    pub algorithm: Algorithm,
    /// The id of the key.
    pub kid: Option<Box<str>>,
    /// Whether `typ` is `at+jwt` (RFC 9068), which no ID token says.
    pub typed_as_access_token: bool,
}

const MAX_KID: usize = 256;

impl Header {
    /// Reads a decoded header of a token that is presented as `kind`.
    ///
    /// # Errors
    /// When it is ambiguous, demands an extension (`crit`, RFC 7515 section 4.1.11; `b64`,
    /// RFC 7797), belongs to an encrypted token, or names another algorithm or kind.
    pub fn parse(
        json: &[u8],
        kind: TokenKind,
        algorithms: SigningAlgorithms,
    ) -> Result<Self, Rejection> {
        let malformed = Rejection::new(Code::Header, Reason::Malformed);
        let text = std::str::from_utf8(json).map_err(|_| malformed)?;
        let raw: RawHeader<'_> = serde_json::from_str(text).map_err(|_| malformed)?;
        if raw.duplicate {
            return Err(Rejection::new(Code::Header, Reason::Duplicate));
        }
        if raw.critical {
            return Err(Rejection::new(Code::Critical, Reason::NotAllowed));
        }
        if raw.nested_or_encrypted {
            return Err(Rejection::new(Code::Type, Reason::NotAllowed));
        }
        let typ = text_or_absent(raw.typ.as_ref()).ok_or(malformed)?;
        if !kind.accepts_typ(typ) {
            return Err(Rejection::new(Code::Type, Reason::Mismatch));
        }
        Ok(Self {
            algorithm: algorithm(raw.alg.as_ref(), algorithms)?,
            kid: kid(raw.kid.as_ref())?,
            typed_as_access_token: typ.is_some_and(is_access_token_type),
        })
    }
}

/// The name must be exactly one of the configured ones: `none` in any spelling is not.
fn algorithm(alg: Option<&Kept<'_>>, allowed: SigningAlgorithms) -> Result<Algorithm, Rejection> {
    let reject = |reason| Rejection::new(Code::Algorithm, reason);
    let name = alg
        .ok_or(reject(Reason::Missing))?
        .as_text()
        .ok_or(reject(Reason::Malformed))?;
    name.parse()
        .ok()
        .filter(|algorithm| allowed.allow(*algorithm))
        .ok_or(reject(Reason::NotAllowed))
}

fn kid(kid: Option<&Kept<'_>>) -> Result<Option<Box<str>>, Rejection> {
    let kid = text_or_absent(kid).ok_or(Rejection::new(Code::KeyId, Reason::Malformed))?;
    if kid.is_some_and(|kid| kid.len() > MAX_KID) {
        return Err(Rejection::new(Code::KeyId, Reason::TooLarge));
    }
    Ok(kid.map(Into::into))
}

/// `None` when it is something else than a text.
fn text_or_absent<'k>(value: Option<&'k Kept<'_>>) -> Option<Option<&'k str>> {
    value.map_or(Some(None), |value| value.as_text().map(Some))
}

#[derive(Default)]
struct RawHeader<'a> {
    alg: Option<Kept<'a>>,
    kid: Option<Kept<'a>>,
    typ: Option<Kept<'a>>,
    critical: bool,
    nested_or_encrypted: bool,
    duplicate: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawHeader<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = RawHeader<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader<'de>, A::Error> {
        let mut header = RawHeader::default();
        let mut names = Names::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "alg" => header.alg = Some(map.next_value()?),
                "kid" => header.kid = Some(map.next_value()?),
                "typ" => header.typ = Some(map.next_value()?),
                other => {
                    header.critical |= matches!(other, "crit" | "b64");
                    header.nested_or_encrypted |= matches!(other, "cty" | "enc" | "zip");
                    map.next_value::<Skipped>()?;
                }
            }
            header.duplicate |= !names.insert::<A::Error>(name)?;
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Header, Rejection> {
        Header::parse(json.as_bytes(), TokenKind::Id, SigningAlgorithms::default())
    }

    fn code(json: &str) -> Code {
        parse(json).unwrap_err().code
    }

    #[test]
    fn a_plain_header_is_accepted_and_embedded_keys_are_ignored() {
        let header = parse(
            r#"{"typ":"JWT","alg":"RS256","kid":"k1","x5t":"k1","jwk":{"kty":"oct","k":"AA"},"jku":"https://evil.test"}"#,
        )
        .unwrap();
        assert_eq!(header.kid.as_deref(), Some("k1"));
        assert_eq!(header.algorithm, Algorithm::RS256);
    }

    #[test]
    fn other_algorithms_are_refused() {
        for alg in [
            r#""none""#,
            r#""None""#,
            r#""NONE""#,
            r#""""#,
            r#""HS256""#,
            r#""RS384""#,
            r#""PS256""#,
            r#""ES256""#,
            r#""rs256""#,
            "5",
            "null",
            r#"["RS256"]"#,
        ] {
            assert_eq!(
                code(&format!(r#"{{"alg":{alg},"kid":"k"}}"#)),
                Code::Algorithm,
                "{alg}"
            );
        }
        assert_eq!(code(r#"{"kid":"k"}"#), Code::Algorithm);
    }

    #[test]
    fn critical_extensions_and_unencoded_payloads_are_refused() {
        for extra in [
            r#""crit":["exp"]"#,
            r#""crit":[]"#,
            r#""crit":null"#,
            r#""b64":false"#,
            r#""b64":true"#,
        ] {
            assert_eq!(
                code(&format!(r#"{{"alg":"RS256",{extra}}}"#)),
                Code::Critical,
                "{extra}"
            );
        }
    }

    #[test]
    fn headers_of_encrypted_and_nested_tokens_are_refused() {
        for extra in [r#""enc":"A128GCM""#, r#""zip":"DEF""#, r#""cty":"JWT""#] {
            assert_eq!(
                code(&format!(r#"{{"alg":"RS256",{extra}}}"#)),
                Code::Type,
                "{extra}"
            );
        }
    }

    #[test]
    fn the_names_of_other_kinds_are_refused() {
        for typ in [r#""at+jwt""#, r#""logout+jwt""#, r#""JOSE""#, r#""""#] {
            assert_eq!(
                code(&format!(r#"{{"alg":"RS256","typ":{typ}}}"#)),
                Code::Type,
                "{typ}"
            );
        }
        assert_eq!(code(r#"{"alg":"RS256","typ":5}"#), Code::Header);
    }

    #[test]
    fn doubled_members_are_refused() {
        for json in [
            r#"{"alg":"RS256","alg":"RS256"}"#,
            r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
            r#"{"alg":"RS256","x":1,"x":2}"#,
            r#"{"alg":"RS256","\u0061lg":"RS256"}"#,
        ] {
            assert_eq!(
                parse(json).unwrap_err(),
                Rejection::new(Code::Header, Reason::Duplicate)
            );
        }
    }

    #[test]
    fn key_ids_that_are_no_text_or_too_long_are_refused() {
        assert_eq!(code(r#"{"alg":"RS256","kid":5}"#), Code::KeyId);
        assert_eq!(code(r#"{"alg":"RS256","kid":null}"#), Code::KeyId);
        let sized = |size| format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(size));
        assert_eq!(code(&sized(257)), Code::KeyId);
        assert!(parse(&sized(256)).is_ok());
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for json in ["", "[]", "\"x\"", "{}x", "{\"alg\":\"RS256\"} {}", "null"] {
            assert_eq!(code(json), Code::Header, "{json}");
        }
        let invalid = Header::parse(
            b"{\"alg\":\"RS256\",\"x\":\"\xff\"}",
            TokenKind::Id,
            SigningAlgorithms::default(),
        );
        assert_eq!(invalid.unwrap_err().code, Code::Header);
    }

    #[test]
    fn nesting_deeper_than_the_recursion_limit_is_refused() {
        let json = format!(
            r#"{{"alg":"RS256","x":{}1{}}}"#,
            "[".repeat(5000),
            "]".repeat(5000)
        );
        assert_eq!(code(&json), Code::Header);
    }
}
