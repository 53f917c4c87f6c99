//! Sign-in with Microsoft Entra ID, or any OpenID provider, for Actix-web applications.

pub mod clock;
pub mod config;
pub mod credential;
pub mod flow;
pub mod grant;
pub mod provider;
pub mod random;
pub mod seal;
pub mod secret;
pub mod session;
pub mod store;
pub mod transport;
pub mod validation;
