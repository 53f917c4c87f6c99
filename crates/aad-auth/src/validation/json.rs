//! Reading JSON of which nothing may be ambiguous.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Value;

/// The names of an object's members so far, to notice one that comes again.
#[derive(Default)]
pub(crate) struct Names<'de>(Vec<Cow<'de, str>>);

/// More members than any genuine token has, known claims not counted; it also bounds the search for
/// doubled names.
const MAX_MEMBERS: usize = 256;

impl<'de> Names<'de> {
    /// Whether `name` is new.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn insert<E: Error>(&mut self, name: Cow<'de, str>) -> Result<bool, E> {
        if self.0.len() == MAX_MEMBERS {
            return Err(E::custom("too many members"));
        }
        let new = !self.0.contains(&name);
        if new {
            self.0.push(name);
        }
        Ok(new)
    }
}

/// A member's name, borrowed from the document unless it contains escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Name<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// A value that is kept. Most are texts, and a text stays where it is: in the document.
pub(crate) enum Kept<'a> {
    /// A text, borrowed unless it contains escapes.
    Text(Cow<'a, str>),
    /// Anything else.
    Other(Value),
}

impl<'a> Kept<'a> {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    /// The value, if it is no text.
    pub(crate) const fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Other(value) => Some(value),
            Self::Text(_) => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Kept<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeptVisitor)
    }
}

struct KeptVisitor;

impl<'de> Visitor<'de> for KeptVisitor {
    type Value = Kept<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Kept<'de>, E> {
        Ok(Kept::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Kept<'de>, E> {
        Ok(Kept::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Kept<'de>, E> {
        Ok(Kept::Other(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Kept<'de>, E> {
        Ok(Kept::Other(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Kept<'de>, E> {
        Ok(Kept::Other(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Kept<'de>, E> {
        Ok(Kept::Other(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Kept<'de>, E> {
        Ok(Kept::Other(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Kept<'de>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(seq)).map(Kept::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Kept<'de>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Kept::Other)
    }
}

/// A value that is not kept. Unlike serde's `IgnoredAny` it stays under serde_json's recursion
/// limit, so that what is ignored here can also be shown later (abuse B23).
pub(crate) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SkippedVisitor)
    }
}

struct SkippedVisitor;

impl<'de> Visitor<'de> for SkippedVisitor {
    type Value = Skipped;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Skipped, A::Error> {
        while seq.next_element::<Skipped>()?.is_some() {}
        Ok(Skipped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Skipped, A::Error> {
        while map.next_entry::<Skipped, Skipped>()?.is_some() {}
        Ok(Skipped)
    }
}

/// The document with U+FFFD in place of each escaped half of a surrogate pair (RFC 8259 section
/// 8.2). `None` when there is none.
pub(crate) fn without_lone_surrogates(document: &[u8]) -> Option<Box<[u8]>> {
    let mut repaired: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = document
        .get(at..)
        .and_then(|rest| memchr::memchr(b'\\', rest))
    {
        at += found;
        let length = match (surrogate(document, at), surrogate(document, at + 6)) {
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => {
                let repaired = repaired.get_or_insert_with(|| document.to_vec());
                if let Some(escape) = repaired.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                6
            }
            // Any other escape: also `\\`, whose second half begins no escape.
            (None, _) => 2,
        };
        at += length;
    }
    repaired.map(Vec::into_boxed_slice)
}

enum Half {
    High,
    Low,
}

/// The half of a surrogate pair that is escaped at this place.
fn surrogate(document: &[u8], at: usize) -> Option<Half> {
    let digits = document.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(document: &str) -> Option<String> {
        let repaired = without_lone_surrogates(document.as_bytes())?;
        Some(String::from_utf8(repaired.into()).unwrap())
    }

    #[test]
    fn half_of_a_pair_is_replaced_and_everything_else_stays() {
        for (document, expected) in [
            (r#""a\ud83dz""#, r#""a\ufffdz""#),
            (r#""\uDE00""#, r#""\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
        ] {
            assert_eq!(repaired(document).as_deref(), Some(expected), "{document}");
        }
        for document in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\u00e9""#,
            r#""\ud8"#,
            r#""\"#,
            "",
            "{}",
        ] {
            assert_eq!(repaired(document), None, "{document}");
        }
    }
}
