//! Parsed, validated, immutable configuration, and the only reader of the environment.

mod cookies;
mod source;
mod urls;

pub use cookies::{BROWSER_MAX_AGE, CookieNames};
pub use source::{ConfigError, Problem, Source};
pub use urls::{BaseUrl, ReturnTo, is_loopback};
