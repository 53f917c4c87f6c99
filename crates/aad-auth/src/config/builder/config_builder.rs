//! The builder of a configuration.

use std::collections::BTreeSet;

use crate::config::Source;

/// Builds a [`Config`] in code.
///
/// Begin with [`Config::entra`] or [`Config::oidc`]. There is one method for each setting, named like
/// its variable without `AAD_`. [`build`](Self::build) makes the same checks as [`Config::from_env`], and
/// reports every problem at once. A setting that no method sets has its default.
///
/// A method that is called again replaces the value, except for [`client_secret`](Self::client_secret)
/// and [`session_secret`](Self::session_secret), which add one.
///
/// # The environment
///
/// The builder reads no environment variable, unless [`or_env`](Self::or_env) asks for it. Two defaults
/// depend on the environment, and are missing without it:
/// - [`base_url`](Self::base_url) is required.
/// - There is no default state folder. Set [`state_dir`](Self::state_dir); or set
///   [`session_secret`](Self::session_secret), and [`session_store`](Self::session_store) or a store of
///   your own (`AuthBuilder::store`).
///
/// It has no `Debug`, because it holds secrets.
///
/// [`Config`]: crate::config::Config
/// [`Config::entra`]: crate::config::Config::entra
/// [`Config::oidc`]: crate::config::Config::oidc
/// [`Config::from_env`]: crate::config::Config::from_env
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use aad_auth::Config;
///
/// # let secret_of_the_vault = "the secret's Value";
/// # let session_secret = "QUJD".repeat(22);
/// let config = Config::entra("contoso.onmicrosoft.com", "00001111-aaaa-2222-bbbb-3333cccc4444")
///     .client_secret(secret_of_the_vault)
///     .base_url("https://app.example.com")
///     .session_secret(session_secret)
///     .session_store("memory")
///     .session_idle(Duration::from_secs(30 * 60))
///     .scopes(["openid", "profile", "offline_access", "User.Read"])
///     .build()?;
/// assert_eq!(config.redirect_uri(), "https://app.example.com/auth/redirect");
/// # Ok::<_, aad_auth::config::ConfigError>(())
/// ```
///
/// Every problem is reported at once, by method and variable:
///
/// ```
/// use std::time::Duration;
/// use aad_auth::Config;
///
/// let error = Config::oidc("http://id.example.com", "my-app")
///     .base_url("https://app.example.com")
///     .clock_leeway(Duration::from_secs(3600))
///     .build()
///     .err()
///     .unwrap();
/// let text = error.to_string();
/// assert!(text.contains("issuer (AAD_AUTHORITY): must be https"));
/// assert!(text.contains("client_secret (AAD_CLIENT_SECRET): must be"));
/// assert!(text.contains("clock_leeway (AAD_CLOCK_LEEWAY): must be from 0s to 5m"));
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ConfigBuilder {
    /// One row for each setting that a method has set, and the problems of the methods.
    pub(super) source: Source,
    /// Settings that a method has switched off: they have no row.
    pub(super) switched_off: BTreeSet<&'static str>,
    pub(super) reads_environment: bool,
}

impl ConfigBuilder {
    pub(super) fn new() -> Self {
        Self {
            source: Source::new(),
            switched_off: BTreeSet::new(),
            reads_environment: false,
        }
    }

    /// Takes the settings that no method sets from the environment, and from the files of secrets
    /// (`AAD_CLIENT_SECRET_FILE` and others). [`build`](Self::build) reads them.
    ///
    /// A setting that is set in code and in the environment is a problem: neither one replaces the other
    /// without a message.
    ///
    /// ```no_run
    /// use aad_auth::Config;
    ///
    /// // The secrets and the base URL come from the environment.
    /// let config = Config::entra("contoso.onmicrosoft.com", "00001111-aaaa-2222-bbbb-3333cccc4444")
    ///     .max_sessions_per_user(5)
    ///     .or_env()
    ///     .build()?;
    /// # Ok::<_, aad_auth::config::ConfigError>(())
    /// ```
    pub fn or_env(mut self) -> Self {
        self.reads_environment = true;
        self
    }
}
