//! Filling in what a data file leaves open: `{origin}`, `{nonce}`, `{now+3600}` and the like.

use std::collections::BTreeMap;

use serde_json::Value;

/// The values of a template. Times are numbers, everything else is text.
#[derive(Clone, Default)]
pub struct Values {
    texts: BTreeMap<&'static str, String>,
    now: u64,
}

impl Values {
    pub fn at(now: u64) -> Self {
        Self {
            texts: BTreeMap::new(),
            now,
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.texts.insert(name, value.into());
        self
    }

    /// The same at another moment, in seconds since the epoch.
    pub fn now(mut self, now: u64) -> Self {
        self.now = now;
        self
    }

    /// A copy of `document` with every template filled in.
    pub fn fill(&self, document: &Value) -> Value {
        match document {
            Value::String(text) => self
                .moment(text)
                .map_or_else(|| self.text(text).into(), Value::from),
            Value::Array(members) => members.iter().map(|member| self.fill(member)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.fill(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// The text with every `{name}` replaced.
    pub fn text(&self, template: &str) -> String {
        let replace = |text: String, (name, value): (&&str, &String)| {
            text.replace(&format!("{{{name}}}"), value)
        };
        self.texts.iter().fold(template.to_owned(), replace)
    }

    /// `{now}`, `{now+seconds}` or `{now-seconds}`.
    fn moment(&self, text: &str) -> Option<u64> {
        let offset = text.strip_prefix("{now")?.strip_suffix('}')?;
        if offset.is_empty() {
            return Some(self.now);
        }
        self.now.checked_add_signed(offset.parse().ok()?)
    }
}

#[test]
fn templates_are_filled_in_and_other_braces_stay() {
    let values = Values::at(100).with("origin", "http://o");
    let document = serde_json::json!({"a": ["{origin}/x", "{now-5}"], "b": "{now+5}", "c": "{x}"});
    let filled = serde_json::json!({"a": ["http://o/x", 95], "b": 105, "c": "{x}"});
    assert_eq!(values.fill(&document), filled);
}
