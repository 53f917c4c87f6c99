//! Parsed, validated, immutable configuration, and the only reader of the environment.

mod algorithms;
mod authority;
mod authority_settings;
mod authority_url;
mod cloud;
mod cookies;
mod domain_hints;
mod endpoint_hosts;
pub mod env;
mod guid;
mod instance;
mod parse;
mod problem;
mod redis_url;
mod return_to;
mod settings;
mod source;
mod store_url;
mod table;
mod tenant;
mod tenants;
pub mod trust;
mod urls;

pub use algorithms::SigningAlgorithms;
pub(crate) use authority::TENANT_PLACEHOLDER;
pub use authority::{Authority, AuthorityKind};
pub use authority_settings::AuthoritySettings;
pub use cloud::Cloud;
pub use cookies::{BROWSER_MAX_AGE, CookieNames};
pub(crate) use endpoint_hosts::host_and_port;
pub(crate) use endpoint_hosts::is_localhost;
pub use endpoint_hosts::{EndpointHosts, is_loopback};
pub use guid::Guid;
pub(crate) use instance::is_below;
pub use parse::{default_state_dir, is_local};
pub use problem::Problem;
#[cfg(feature = "redis")]
pub(crate) use redis_url::{RedisHost, RedisKind, RedisUrl};
pub use return_to::{KeptAddress, MAX_REDIRECT, ReturnTo};
pub use settings::{ClientAuth, Config, ResponseMode};
pub use source::{ConfigError, Source};
pub use store_url::{BadStoreUrl, StoreUrl};
pub use table::{Group, SETTINGS, Setting, setting};
pub use tenant::Tenant;
pub use tenants::{AllowedTenants, ResolverError, TenantResolver};
pub use urls::BaseUrl;
