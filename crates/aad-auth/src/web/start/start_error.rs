//! Why an instance cannot start.

use crate::{
    config::{ConfigError, Problem},
    web::{instance::InstanceConflict, pages::LookError},
};

/// Why an instance cannot start.
///
/// ```
/// use aad_auth::StartError;
///
/// /// The variables that an installer has to ask for.
/// fn variables(error: &StartError) -> Vec<&'static str> {
///     match error {
///         StartError::Config(error) => error.problems.iter().map(|one| one.variable).collect(),
///         _ => Vec::new(),
///     }
/// }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that are missing or cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A name or prefix that cannot be used beside the other instances of the application.
    #[error(transparent)]
    Instance(#[from] InstanceConflict),
    /// A product name, colour or logo that cannot be shown.
    #[error(transparent)]
    Look(#[from] LookError),
}

/// The text for the operator: `main` prints what it returns by `Debug`.
impl std::fmt::Debug for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Config(ConfigError {
            problems: vec![problem],
        })
    }
}
