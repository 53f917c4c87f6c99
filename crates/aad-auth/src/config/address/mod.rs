//! The application's addresses: base URL, return addresses, paths of routes, and names of cookies.

mod base_url;
mod cookie_names;
mod return_to;
mod route_paths;

pub use base_url::BaseUrl;
pub use cookie_names::CookieNames;
pub(crate) use return_to::KeptAddress;
pub use return_to::{MAX_REDIRECT, ReturnTo};
#[cfg(test)]
pub(crate) use route_paths::ROUTES;
pub(crate) use route_paths::{REDIRECT_PATH_TAKEN, is_below};
pub(super) use route_paths::{instance_name, is_free_redirect_path, is_plain_path};
