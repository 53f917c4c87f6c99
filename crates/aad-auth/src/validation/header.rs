//! The JOSE header, which only chooses the key and refuses.

use std::fmt;

use jsonwebtoken::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{
    TokenKind,
    json::{BorrowedValue, MemberName, MemberNames, SkippedValue},
    rejection::{Code, Reason, Rejection},
    token_kind::is_access_token_type,
};
use crate::config::SigningAlgorithms;

/// The members of a JOSE header that choose the key. Keys and addresses of keys in the header (`jwk`,
/// `jku`, `x5u`, `x5c`) are never used (RFC 8725 section 3.10).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// One of the configured algorithms.
    pub algorithm: Algorithm,
    /// The key id.
    pub kid: Option<Box<str>>,
    /// Whether `typ` is `at+jwt` (RFC 9068), which no ID token has.
    pub typed_as_access_token: bool,
}

const MAX_KID: usize = 256;

impl Header {
    /// Reads a decoded header of a token that is presented as `kind`.
    ///
    /// # Errors
    /// When the header is ambiguous, requires an extension (`crit`, RFC 7515 section 4.1.11; `b64`, RFC
    /// 7797), belongs to an encrypted token, or names another algorithm or kind.
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

/// Parses the algorithm. Accepts only an exact configured name, so no spelling of `none`.
fn algorithm(
    alg: Option<&BorrowedValue<'_>>,
    allowed: SigningAlgorithms,
) -> Result<Algorithm, Rejection> {
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

fn kid(kid: Option<&BorrowedValue<'_>>) -> Result<Option<Box<str>>, Rejection> {
    let kid = text_or_absent(kid).ok_or(Rejection::new(Code::KeyId, Reason::Malformed))?;
    if kid.is_some_and(|kid| kid.len() > MAX_KID) {
        return Err(Rejection::new(Code::KeyId, Reason::TooLarge));
    }
    Ok(kid.map(Into::into))
}

/// `Some(None)` when the member is absent, `None` when it is no text.
fn text_or_absent<'k>(value: Option<&'k BorrowedValue<'_>>) -> Option<Option<&'k str>> {
    value.map_or(Some(None), |value| value.as_text().map(Some))
}

#[derive(Default)]
struct RawHeader<'a> {
    alg: Option<BorrowedValue<'a>>,
    kid: Option<BorrowedValue<'a>>,
    typ: Option<BorrowedValue<'a>>,
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
        let mut names = MemberNames::default();
        while let Some(MemberName(name)) = map.next_key()? {
            match &*name {
                "alg" => header.alg = Some(map.next_value()?),
                "kid" => header.kid = Some(map.next_value()?),
                "typ" => header.typ = Some(map.next_value()?),
                other => {
                    header.critical |= matches!(other, "crit" | "b64");
                    header.nested_or_encrypted |= matches!(other, "cty" | "enc" | "zip");
                    map.next_value::<SkippedValue>()?;
                }
            }
            header.duplicate |= !names.insert::<A::Error>(name)?;
        }
        Ok(header)
    }
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
