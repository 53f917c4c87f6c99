//! Reading JSON of which nothing may be ambiguous.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

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

    /// Whether one of them differs from `name` in case only.
    pub(crate) fn has_variant_of(&self, name: &str) -> bool {
        let variant = |other: &str| other != name && other.eq_ignore_ascii_case(name);
        self.0.iter().any(|other| variant(other))
    }
}

/// A member's name, borrowed from the document unless it contains escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Name<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// A value that is kept. Most are texts, and a text stays where it is: in the document. No object in
/// it has two members of one name.
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

    /// The value, also where it is a text.
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kept<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element::<Kept<'de>>()? {
            members.push(member.into_value());
        }
        Ok(Kept::Other(Value::Array(members)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kept<'de>, A::Error> {
        let mut members = Map::new();
        while let Some((Name(name), member)) = map.next_entry::<Name<'de>, Kept<'de>>()? {
            let before = members.insert(name.into_owned(), member.into_value());
            if before.is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Kept::Other(Value::Object(members)))
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
