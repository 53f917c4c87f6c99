//! JSON objects that keep member order, repeated names and invalid values.

use serde::Serialize;
use serde_json::Value;

/// A JSON object that keeps the order of its members, repeated names and values that no parser accepts.
///
/// The platform sends discovery members in a fixed order, and faults need repeated claims and numbers such as
/// `1e400`; neither survives `serde_json::Value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    /// Copies the members of a parsed object; empty for any other value.
    pub(crate) fn of(value: &Value) -> Self {
        let pairs = value.as_object().into_iter().flatten();
        Self(
            pairs
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
        )
    }

    /// Returns the value of a member: the last one of that name, which most parsers take.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let (_, text) = self.0.iter().rev().find(|(known, _)| known == name)?;
        serde_json::from_str(text).ok()
    }

    /// Replaces the member in its place, or adds it at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Serialize) {
        let text = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        self.set_raw(name, text);
    }

    /// As [`Members::set`] when there is a value; otherwise does nothing.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// As [`Members::set`], with the value as JSON text, which is not checked.
    pub(crate) fn set_raw(&mut self, name: &str, text: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(member) => member.1 = text,
            None => self.0.push((name.to_owned(), text)),
        }
    }

    /// Adds a member at the end, even when the name is there already.
    pub(crate) fn append_raw(&mut self, name: &str, text: String) {
        self.0.push((name.to_owned(), text));
    }

    /// Removes every member of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Writes the object as JSON text.
    pub(crate) fn to_text(&self) -> String {
        let members: Vec<String> = self
            .0
            .iter()
            .map(|(name, text)| format!("{}:{text}", Value::from(name.as_str())))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_duplicates_and_unparsable_numbers_are_kept() {
        let mut members = Members::default();
        members.set("z", 1);
        members.set("a", "text \"quoted\"");
        members.append_raw("z", "1e999".to_owned());
        assert_eq!(
            members.to_text(),
            r#"{"z":1,"a":"text \"quoted\"","z":1e999}"#
        );
        members.remove("z");
        assert_eq!(members.to_text(), r#"{"a":"text \"quoted\""}"#);
    }
}
