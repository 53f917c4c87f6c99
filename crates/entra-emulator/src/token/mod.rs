//! The token endpoint: client authentication, the grants, and the tokens they give.

mod access_token;
mod application_token;
mod assertion;
mod authorization_code;
mod client_auth;
mod client_credentials;
mod common_claims;
mod cross_origin;
mod endpoint;
mod grants;
mod graph_token;
mod hybrid;
mod id_token;
mod issue;
mod refresh_token;
mod revocation;
mod session;

pub(crate) use assertion::Assertions;
pub(crate) use client_auth::ClientAuth;
pub(crate) use common_claims::{Sealing, envelope, pairwise_subject, sign, signers};
pub(crate) use cross_origin::token_preflight;
pub(crate) use endpoint::{not_post, token};
pub(crate) use grants::{Grants, Revocations};
pub(crate) use graph_token::verify_graph_token;
pub(crate) use hybrid::from_authorize;
pub(crate) use revocation::revoke;
pub(crate) use session::{Session, client_info};
