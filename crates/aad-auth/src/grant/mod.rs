//! Requests to the token, revocation and userinfo endpoints.

mod authorization_code;
mod error;
mod lifetime;
mod refresh_token;
mod response;
mod revocation;
#[cfg(test)]
mod tests;
mod token_http;
mod token_request;
mod userinfo;

pub use authorization_code::AuthorizationCodeGrant;
pub use error::{BrokenAnswer, GrantError, Unavailability};
pub use refresh_token::RefreshTokenGrant;
pub use response::TokenResponse;
pub use token_request::{TokenClient, TokenEndpoint};
pub(crate) use userinfo::{UserinfoClient, UserinfoError};
