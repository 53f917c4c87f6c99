//! Kinds of providers, by the private claims in their tokens.

use crate::config::AuthorityKind;

/// The kind of a provider. It determines the meaning of private claims.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProviderKind {
    /// Entra ID and External ID: `tid`, `oid`, `ver`, `appid` and `idtyp` are read by rules.
    Entra,
    /// A user flow of Azure AD B2C: `tid` and `oid` are read where they have the right type.
    UserFlow,
    /// Any other provider. Claims with these names have another meaning, may hold a text of the user's
    /// choice, and are not read. Only a GUID in `tid` is read: with Entra ID as a generic provider, a
    /// key names an issuer with a placeholder for the tenant.
    Generic,
}

impl From<&AuthorityKind> for ProviderKind {
    fn from(authority: &AuthorityKind) -> Self {
        match authority {
            AuthorityKind::Entra { .. } => Self::Entra,
            AuthorityKind::UserFlow { .. } => Self::UserFlow,
            AuthorityKind::Generic { .. } => Self::Generic,
        }
    }
}
