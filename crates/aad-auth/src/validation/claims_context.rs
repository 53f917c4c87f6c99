//! What determines which claims of a token a rule reads.

use super::{ProviderKind, TokenKind};
use crate::config::RolesClaim;

/// The kind of token, its provider, and the claims that hold roles. They determine which claims a rule
/// reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClaimsContext<'a> {
    /// The kind of token.
    pub kind: TokenKind,
    /// The kind of provider that issued the token.
    pub provider: ProviderKind,
    /// The claims that hold roles (`AAD_ROLES_CLAIM`).
    pub roles: &'a RolesClaim,
}
