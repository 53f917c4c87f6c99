//! Reads typed values from a [`Source`], and collects every problem instead of the first.

use std::{fmt, ops::RangeInclusive, time::Duration};

use super::{
    ConfigError, Problem, Source, duration_text::parse_duration, secret_list::split_secrets,
    table::example,
};

/// Reads typed values from a [`Source`] and collects the problems.
pub(super) struct SettingsReader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self {
            source,
            problems: source.problems().to_vec(),
        }
    }

    /// The source that is read.
    pub(super) const fn source(&self) -> &'a Source {
        self.source
    }

    /// The trimmed text of a variable. A placeholder and an unresolved Key Vault reference are
    /// problems, not values.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
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
            self.problem(
                name,
                "still holds the placeholder of .env.example: replace it",
            );
            return None;
        }
        Some(value)
    }

    /// The parsed value of an optional variable.
    pub(super) fn parsed<T, E: fmt::Display>(
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

    /// The duration of an optional variable, within `range`.
    pub(super) fn duration(
        &mut self,
        name: &'static str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> Duration {
        self.parsed(name, |value| parse_duration(value, &range))
            .unwrap_or(default)
    }

    /// The members of a comma-separated list, without empty ones.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<&'a str> {
        let value = self.text(name).unwrap_or_default();
        let members = value.split(',').map(str::trim);
        members.filter(|member| !member.is_empty()).collect()
    }

    /// The secrets of a list, as [`split_secrets`] reads it.
    pub(super) fn secrets(&mut self, name: &'static str) -> Vec<String> {
        self.text(name).map(split_secrets).unwrap_or_default()
    }

    /// `true` or `false`; `false` where the variable is not set.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.parsed(name, |value| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        })
        .unwrap_or_default()
    }

    /// Adds a problem, with the example of the table.
    pub(super) fn problem(&mut self, name: &'static str, rule: &str) {
        self.add(Problem::new(name, rule, example(name)));
    }

    /// The value of another parser, whose problem is added.
    pub(super) fn accept<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// Adds a problem, unless the variable's value is missing because of a problem already reported.
    pub(super) fn add(&mut self, problem: Problem) {
        if !self.source.lacks_for_a_problem(problem.variable) {
            self.problems.push(problem);
        }
    }

    /// Returns `value` if there was no problem.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(ConfigError::new(self.problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_placeholders_and_vault_references() {
        let source = Source::new()
            .with("A", "<your tenant id>")
            .with(
                "B",
                "@Microsoft.KeyVault(SecretUri=https://v.example/secrets/x)",
            )
            .with("C", "  ");
        let mut reader = SettingsReader::new(&source);
        assert_eq!(reader.text("A"), None);
        assert_eq!(reader.text("B"), None);
        assert_eq!(reader.text("C"), None);
        let error = reader.finish(Some(())).unwrap_err();
        assert_eq!(error.problems.len(), 2);
        assert!(!error.to_string().contains("SecretUri"));
    }
}
