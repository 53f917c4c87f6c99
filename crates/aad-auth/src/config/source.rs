//! Raw settings by variable name, and a reader that notes every problem instead of the first.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{Problem, table::example};

/// Settings as text, by variable name. Filled from the environment or by a builder; both are
/// parsed by the same code, so that a problem always names the variable.
///
/// It has no `Debug`: it holds secrets.
#[derive(Clone, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    /// Files of secrets that could not be read. [`super::Config::parse`] reports them with all else.
    unreadable: Vec<Problem>,
}

impl Source {
    /// No settings at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one variable. An empty value counts as not set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one variable in place.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if value.trim().is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name.to_owned(), value);
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Notes that the file of a secret cannot be used.
    pub(super) fn note_unreadable(&mut self, problem: Problem) {
        self.unreadable.push(problem);
    }

    /// Whether a variable has no value only because its file cannot be used.
    fn is_unreadable(&self, name: &str) -> bool {
        let of = |problem: &Problem| problem.variable.strip_suffix("_FILE");
        self.get(name).is_none()
            && self
                .unreadable
                .iter()
                .any(|problem| of(problem) == Some(name))
    }

    /// The names of the variables that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// A duration among an application's own settings, written like ours: `90s`, `15m`, `8h`, `2d`.
    ///
    /// # Errors
    /// Not a duration, or not within `range`.
    pub fn duration(
        &self,
        name: &'static str,
        example: &'static str,
        default: Duration,
        range: &std::ops::RangeInclusive<Duration>,
    ) -> Result<Duration, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        parse_duration(value.trim(), range).map_err(|rule| Problem::new(name, rule, example))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Source {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut source = Self::new();
        for (name, value) in pairs {
            source.set(&name.into(), value);
        }
        source
    }
}

/// Everything that is wrong with the settings, in one message.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The problems, in the order of the documentation.
    pub problems: Vec<Problem>,
}

impl From<Vec<Problem>> for ConfigError {
    /// The problems of the application's own settings, or of both together.
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems }
    }
}

/// The text for the operator: `main` prints what it returns by `Debug`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "one setting needs attention:")?,
            n => write!(f, "{n} settings need attention:")?,
        }
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// Reads typed values from a [`Source`] and collects the problems.
pub(crate) struct Reader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self {
            source,
            problems: source.unreadable.clone(),
        }
    }

    /// What is read.
    pub(crate) const fn source(&self) -> &'a Source {
        self.source
    }

    /// The raw value. Placeholders and unresolved vault references count as problems, not values.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        let value = self.source.get(name)?.trim();
        if value.starts_with("@Microsoft.KeyVault(") {
            self.problem(
                name,
                "is an unresolved Key Vault reference: give the application's identity the role \
                 Key Vault Secrets User, then restart",
            );
            return None;
        }
        if value.starts_with('<') && value.ends_with('>') {
            self.problem(name, "still holds the placeholder of .env.example");
            return None;
        }
        Some(value)
    }

    /// The parsed value of an optional variable.
    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.text(name)?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(rule) => {
                self.problem(name, &rule.to_string());
                None
            }
        }
    }

    /// The parsed duration of an optional variable, within `range`.
    pub(crate) fn duration(
        &mut self,
        name: &'static str,
        default: Duration,
        range: std::ops::RangeInclusive<Duration>,
    ) -> Duration {
        self.parsed(name, |value| parse_duration(value, &range))
            .unwrap_or(default)
    }

    /// A comma-separated list without empty members; empty when not set.
    pub(crate) fn list(&mut self, name: &'static str) -> Vec<&'a str> {
        self.text(name).map(split_list).unwrap_or_default()
    }

    /// A list of secrets, separated by commas or line ends. A comma or backslash that belongs to a secret
    /// is written `\\,` or `\\\\`; with line ends between the secrets (as in a file) a comma needs none.
    pub(crate) fn secrets(&mut self, name: &'static str) -> Vec<String> {
        self.text(name).map(split_secrets).unwrap_or_default()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        self.parsed(name, |value| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        })
        .unwrap_or_default()
    }

    /// Notes a problem; the example is the table's.
    pub(crate) fn problem(&mut self, name: &'static str, rule: &str) {
        self.add(Problem::new(name, rule, example(name)));
    }

    /// Takes a value, or notes the problem of another parser.
    pub(crate) fn accept<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// Notes a problem of another parser. That a value is missing is no news where its file cannot be
    /// used.
    pub(crate) fn add(&mut self, problem: Problem) {
        if !self.source.is_unreadable(problem.variable) {
            self.problems.push(problem);
        }
    }

    /// Hands over what was read, if there was no problem.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(ConfigError {
                problems: self.problems,
            }),
        }
    }
}

/// The members of a comma-separated list.
pub(crate) fn split_list(value: &str) -> Vec<&str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
        .collect()
}

fn split_secrets(value: &str) -> Vec<String> {
    let by_line = value.contains(['\n', '\r']);
    let mut secrets = vec![String::new()];
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = matches!(character, '\n' | '\r') || (character == ',' && !by_line);
        if ends {
            secrets.push(String::new());
            continue;
        }
        let escaped = |next: &char| matches!(next, ',' | '\\');
        let character = match character {
            '\\' if !by_line => characters.next_if(escaped).unwrap_or(character),
            plain => plain,
        };
        if let Some(secret) = secrets.last_mut() {
            secret.push(character);
        }
    }
    let trimmed = secrets.iter().map(|secret| secret.trim());
    trimmed
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Parses `90s`, `15m`, `8h`, `2d`, or a plain number of seconds.
fn parse_duration(
    value: &str,
    range: &std::ops::RangeInclusive<Duration>,
) -> Result<Duration, String> {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &value[digits.len()..] {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86400),
        _ => None,
    };
    let seconds = digits
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .ok_or("must be a whole number followed by s, m, h or d")?;
    let duration = Duration::from_secs(seconds);
    if range.contains(&duration) {
        Ok(duration)
    } else {
        Err(format!(
            "must be from {} to {}",
            format_duration(*range.start()),
            format_duration(*range.end())
        ))
    }
}

/// The shortest form that [`parse_duration`] reads.
fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, length) in [("d", 86400), ("h", 3600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let range = Duration::ZERO..=Duration::from_secs(86400);
        let parse = |value| parse_duration(value, &range);
        assert_eq!(parse("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("8h"), Ok(Duration::from_secs(28800)));
        for refused in [
            "",
            "h",
            "-1s",
            "1.5h",
            "2d",
            "1w",
            "99999999999999999999d",
            "1é",
        ] {
            assert!(parse(refused).is_err(), "{refused}");
        }
        assert_eq!(format_duration(Duration::from_secs(5400)), "90m");
    }

    #[test]
    fn a_comma_can_belong_to_a_secret() {
        for (value, expected) in [
            ("a,b", &["a", "b"][..]),
            (" a , b ,", &["a", "b"]),
            (r"a\,b", &["a,b"]),
            (r"a\\,b", &[r"a\", "b"]),
            (r"a\b,c\", &[r"a\b", r"c\"]),
            ("a,b\nc\r\n", &["a,b", "c"]),
            ("a\\,b\nc", &[r"a\,b", "c"]),
            (",", &[]),
        ] {
            assert_eq!(split_secrets(value), expected, "{value:?}");
        }
    }

    #[test]
    fn refuses_placeholders_and_vault_references() {
        let source = Source::new()
            .with("A", "<your tenant id>")
            .with(
                "B",
                "@Microsoft.KeyVault(SecretUri=https://v.example/secrets/x)",
            )
            .with("C", "  ");
        let mut reader = Reader::new(&source);
        assert_eq!(reader.text("A"), None);
        assert_eq!(reader.text("B"), None);
        assert_eq!(reader.text("C"), None);
        let error = reader.finish(Some(())).unwrap_err();
        assert_eq!(error.problems.len(), 2);
        assert!(!error.to_string().contains("SecretUri"));
    }
}
