//! Contexts and claims for unit tests.

use super::{Claims, ClaimsContext, ProviderKind, Rejection, TokenKind};
use crate::config::RolesClaim;

/// The context of a token of Entra ID, with the standard claim for roles.
pub(super) const fn at_entra(kind: TokenKind) -> ClaimsContext<'static> {
    ClaimsContext {
        kind,
        provider: ProviderKind::Entra,
        roles: RolesClaim::standard(),
    }
}

/// The same context at another kind of provider.
pub(super) const fn at_provider(
    context: ClaimsContext<'_>,
    provider: ProviderKind,
) -> ClaimsContext<'_> {
    ClaimsContext {
        provider,
        ..context
    }
}

/// The claims in a JSON text.
pub(super) fn read_claims(json: &str, context: ClaimsContext<'_>) -> Result<Claims, Rejection> {
    Claims::parse(json.as_bytes(), context)
}
