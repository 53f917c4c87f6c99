//! The token endpoint: client authentication, the grants, and the tokens that they issue.

mod access_token;
mod application_token;
mod assertion;
mod claims;
mod client_auth;
mod client_credentials_grant;
mod code_grant;
mod cross_origin;
mod endpoint;
mod graph_token;
mod hybrid;
mod id_token;
mod issue;
mod refresh_grant;
mod refresh_token;
mod revocation;
mod session;
mod sign;

pub(crate) use claims::pairwise_subject;
pub(crate) use client_auth::ClientAuth;
pub(crate) use cross_origin::token_preflight;
pub(crate) use endpoint::{not_post, token};
pub(crate) use graph_token::verify_graph_token;
pub(crate) use hybrid::tokens_for_authorization_response;
pub(crate) use revocation::revoke;
pub(crate) use session::{UserSession, client_info};
pub(crate) use sign::{KeyOwner, jwt_header, sign, signers};
