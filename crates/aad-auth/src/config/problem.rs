//! Problems of settings, and the error that carries all of them.

use std::fmt;

/// A setting that cannot be used: its name, the rule that it breaks, and a value that is accepted.
///
/// Its texts never contain the value of a secret.
///
/// See [`Problem::new`] for an example.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The variable, such as `AAD_TENANT_ID`.
    pub variable: &'static str,
    /// The name of the setting in [`ConfigBuilder`](super::ConfigBuilder), such as `session_idle`.
    /// `None` when the value came from a variable, and for settings that only variables have.
    pub method: Option<&'static str>,
    /// The broken rule and the remedy, as a sentence without a full stop and without its subject.
    pub rule: String,
    /// An accepted value, written as in a variable.
    pub example: &'static str,
}

impl Problem {
    /// A problem of a setting that is read from `variable`.
    ///
    /// `rule` continues a sentence that begins with the variable ("must be …"); `example` is an
    /// accepted value. Neither may contain the value of a secret.
    ///
    /// ```
    /// use aad_auth::config::Problem;
    ///
    /// let problem = Problem::new("SHOP_CURRENCY", "must have three letters", "EUR");
    /// assert_eq!(
    ///     problem.to_string(),
    ///     "SHOP_CURRENCY: must have three letters (for example: SHOP_CURRENCY=EUR)"
    /// );
    /// ```
    pub fn new(variable: &'static str, rule: impl Into<String>, example: &'static str) -> Self {
        Self {
            variable,
            method: None,
            rule: rule.into(),
            example,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable,
            method,
            rule,
            example,
        } = self;
        match method {
            Some(method) => write!(f, "{method} ({variable}): {rule} (for example: {example})"),
            None => write!(f, "{variable}: {rule} (for example: {variable}={example})"),
        }
    }
}

impl std::error::Error for Problem {}

/// All problems of the settings, in one message.
///
/// `Debug` prints the same text as `Display`, since `main` prints the error it returns by `Debug`.
///
/// See [`ConfigBuilder`](super::ConfigBuilder) for an example.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The problems, in the order in which the settings are read. Never empty.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// An error of `problems`, which must not be empty.
    pub fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }
}

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
