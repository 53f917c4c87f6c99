//! Reads JSON that must not be ambiguous.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// The member names of an object, for the detection of doubled ones.
#[derive(Default)]
pub(crate) struct MemberNames<'de>(Vec<Cow<'de, str>>);

/// The maximum number of members beside the known claims. More than any genuine token has. Bounds the
/// search for doubled names.
const MAX_MEMBERS: usize = 256;

impl<'de> MemberNames<'de> {
    /// Inserts `name`. Whether it is new.
    ///
    /// # Errors
    /// When there are too many names.
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

    /// Whether one of them differs from `name` in case only.
    pub(crate) fn has_variant_of(&self, name: &str) -> bool {
        let variant = |other: &str| other != name && other.eq_ignore_ascii_case(name);
        self.0.iter().any(|other| variant(other))
    }
}

/// A member's name, borrowed from the document unless it contains escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct MemberName<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// A JSON value. A text is borrowed from the document, since most values are texts. No object in it has two
/// members with one name.
pub(crate) enum BorrowedValue<'a> {
    /// A text, borrowed unless it contains escapes.
    Text(Cow<'a, str>),
    /// Any other value.
    Other(Value),
}

impl<'a> BorrowedValue<'a> {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    /// The value, unless it is a text.
    pub(crate) const fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Other(value) => Some(value),
            Self::Text(_) => None,
        }
    }

    /// The value, also a text.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Other(value) => value,
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

impl<'de: 'a, 'a> Deserialize<'de> for BorrowedValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BorrowedValueVisitor)
    }
}

struct BorrowedValueVisitor;

impl<'de> Visitor<'de> for BorrowedValueVisitor {
    type Value = BorrowedValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Other(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Other(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Other(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Other(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<BorrowedValue<'de>, E> {
        Ok(BorrowedValue::Other(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<BorrowedValue<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element::<BorrowedValue<'de>>()? {
            members.push(member.into_value());
        }
        Ok(BorrowedValue::Other(Value::Array(members)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BorrowedValue<'de>, A::Error> {
        let mut members = Map::new();
        while let Some((MemberName(name), member)) =
            map.next_entry::<MemberName<'de>, BorrowedValue<'de>>()?
        {
            let before = members.insert(name.into_owned(), member.into_value());
            if before.is_some() {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(BorrowedValue::Other(Value::Object(members)))
    }
}

/// A value that is skipped. Unlike serde's `IgnoredAny` it obeys serde_json's recursion limit, so that the
/// same document can be parsed fully later (abuse B23).
pub(crate) struct SkippedValue;

impl<'de> Deserialize<'de> for SkippedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SkippedValueVisitor)
    }
}

struct SkippedValueVisitor;

impl<'de> Visitor<'de> for SkippedValueVisitor {
    type Value = SkippedValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<SkippedValue, E> {
        Ok(SkippedValue)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SkippedValue, A::Error> {
        while seq.next_element::<SkippedValue>()?.is_some() {}
        Ok(SkippedValue)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SkippedValue, A::Error> {
        while map.next_entry::<SkippedValue, SkippedValue>()?.is_some() {}
        Ok(SkippedValue)
    }
}
