//! Settings: their table, their sources, and the parsed [`Config`].
//!
//! A [`Config`] comes from the environment ([`Config::from_env`]), from code ([`Config::entra`],
//! [`Config::oidc`]), or from settings of an application's own form ([`Config::parse`] of a
//! [`Source`]). All ways have the same [settings](SETTINGS) and the same checks, and report every
//! problem at once ([`ConfigError`]).

mod address;
mod allowed_tenants;
mod authority;
mod bad_store_url;
mod builder;
mod claim_path;
mod domain_hints;
mod duration_text;
pub mod env;
pub mod file_permissions;
mod guid;
mod host;
mod instance;
mod parse;
mod problem;
mod redis_url;
mod roles_claim;
mod root_certificates;
mod secret_list;
mod session_secret;
mod settings;
mod settings_reader;
mod signing_algorithms;
mod source;
mod store_url;
mod table;
mod unknown_variables;

#[cfg(test)]
pub(crate) use address::ROUTES;
pub use address::{BaseUrl, CookieNames, MAX_REDIRECT, ReturnTo};
pub(crate) use address::{KeptAddress, REDIRECT_PATH_TAKEN, is_below};
pub use allowed_tenants::{AllowedTenants, ResolverError, TenantResolver};
pub(crate) use authority::TENANT_PLACEHOLDER;
pub use authority::{Authority, AuthorityKind, AuthoritySettings, EndpointHosts, Tenant};
pub use bad_store_url::BadStoreUrl;
pub use builder::ConfigBuilder;
pub use claim_path::ClaimPath;
pub use guid::Guid;
pub use host::is_loopback;
pub(crate) use host::{host_and_port, is_localhost};
pub(crate) use parse::no_state_dir;
pub use parse::{check_state_dir, default_state_dir, is_local};
pub use problem::{ConfigError, Problem};
#[cfg(feature = "redis")]
pub(crate) use redis_url::{RedisHost, RedisKind, RedisUrl};
pub use roles_claim::RolesClaim;
pub(crate) use root_certificates::parse_root_certificates;
pub use session_secret::new_session_secret;
pub use settings::{ClientAuth, Config, ResponseMode};
pub use signing_algorithms::SigningAlgorithms;
pub use source::Source;
pub use store_url::StoreUrl;
pub use table::{Group, SETTINGS, Setting, setting};
