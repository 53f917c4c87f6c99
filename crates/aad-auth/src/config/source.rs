//! Settings as text, by variable name.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use super::{Problem, duration_text::parse_duration};

/// Settings as text, by variable name: what [`Config::parse`](super::Config::parse) reads.
///
/// It comes from the environment ([`env::read`](super::env::read)), from a file of an application's
/// own, or from code; [`ConfigBuilder`](super::ConfigBuilder) fills one too.
///
/// It has no `Debug`, because it holds secrets.
///
/// ```
/// use aad_auth::config::{Config, Source};
///
/// let source = Source::new()
///     .with("AAD_TENANT_ID", "contoso.onmicrosoft.com")
///     .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
///     .with("AAD_CLIENT_SECRET", "the secret's Value");
/// let config = Config::parse(&source)?;
/// assert_eq!(config.redirect_uri(), "http://localhost:5000/auth/redirect");
/// # Ok::<_, aad_auth::config::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    /// Problems that were found before parsing, such as a secret's file that cannot be read.
    problems: Vec<Problem>,
}

impl Source {
    /// A source without settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one variable. An empty value counts as not set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one variable in place. An empty value counts as not set.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if value.trim().is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name.to_owned(), value);
        }
    }

    /// The value of a variable. `None` where it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The names of the variables that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Reads a duration among an application's own settings, written `90s`, `15m`, `8h` or `2d`.
    /// `default` holds where the variable is not set.
    ///
    /// # Errors
    /// The value is not a duration, or lies outside `range`.
    pub fn duration(
        &self,
        name: &'static str,
        example: &'static str,
        default: Duration,
        range: &RangeInclusive<Duration>,
    ) -> Result<Duration, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        parse_duration(value.trim(), range).map_err(|rule| Problem::new(name, rule, example))
    }

    /// Records a problem for [`Config::parse`](super::Config::parse), which reports it with all others.
    pub(super) fn add_problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The recorded problems.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether a variable has no value because of a recorded problem: of itself, or of its `_FILE`.
    pub(super) fn lacks_for_a_problem(&self, name: &str) -> bool {
        let of = |variable: &str| variable.strip_suffix("_FILE").unwrap_or(variable) == name;
        self.get(name).is_none() && self.problems.iter().any(|problem| of(problem.variable))
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
