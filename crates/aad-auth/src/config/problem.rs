//! What is wrong with one setting.

use std::fmt;

/// A setting that cannot be used: its variable, the rule it breaks, and an example that would do.
/// Never contains the value of a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The variable, such as `AAD_TENANT_ID`.
    pub variable: &'static str,
    /// The rule that is broken and the remedy, as a sentence without a full stop.
    pub rule: String,
    /// A value that would be accepted.
    pub example: &'static str,
}

impl Problem {
    /// A problem of a setting that the application has beside this crate's.
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
            rule: rule.into(),
            example,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable,
            rule,
            example,
        } = self;
        write!(f, "{variable}: {rule} (for example: {variable}={example})")
    }
}

impl std::error::Error for Problem {}
