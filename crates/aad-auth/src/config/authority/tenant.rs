//! The tenant segment of an authority.

use std::fmt;

use crate::config::Guid;

/// The tenant segment of the authority: whose users may sign in (Entra "v2-protocols", endpoints).
///
/// ```
/// use aad_auth::config::Tenant;
///
/// let any = Tenant::parse("organizations");
/// assert!(any.is_some_and(|tenant| tenant.is_multi_tenant()));
/// assert_eq!(Tenant::parse("contoso"), None);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Tenant {
    /// One tenant by its id.
    Id(Guid),
    /// One tenant by a verified domain, in lower case. Metadata names its id.
    Domain(Box<str>),
    /// Any work, school or personal account.
    Common,
    /// Any work or school account.
    Organizations,
    /// Personal accounts.
    Consumers,
}

impl Tenant {
    /// The tenant of personal Microsoft accounts.
    pub const CONSUMER_ID: &'static str = "9188040d-6c67-4c5b-b112-36a304b66dad";

    /// Parses a setting. `None` for text that is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "common" => Some(Self::Common),
            "organizations" => Some(Self::Organizations),
            "consumers" => Some(Self::Consumers),
            _ => Guid::parse(&lower)
                .map(Self::Id)
                .or_else(|| is_domain(&lower).then(|| Self::Domain(lower.into_boxed_str()))),
        }
    }

    /// The segment of the path.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Domain(domain) => domain,
            Self::Common => "common",
            Self::Organizations => "organizations",
            Self::Consumers => "consumers",
        }
    }

    /// Whether users of more than one tenant can sign in. `AAD_ALLOWED_TENANTS` must be set then.
    pub const fn is_multi_tenant(&self) -> bool {
        matches!(self, Self::Common | Self::Organizations)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether `text` has at least two labels of letters, digits and inner hyphens (RFC 1123 section
/// 2.1), and is no IP address.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_a_word = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    text.len() <= 253 && text.contains('.') && last_is_a_word && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_kind_of_tenant() {
        assert_eq!(Tenant::parse("Common"), Some(Tenant::Common));
        assert!(matches!(
            Tenant::parse("F645AD92-E38D-4D1A-B510-D1B09A74A8CA"),
            Some(Tenant::Id(_))
        ));
        assert_eq!(
            Tenant::parse("Contoso.onmicrosoft.com"),
            Some(Tenant::Domain("contoso.onmicrosoft.com".into()))
        );
    }

    #[test]
    fn refuses_what_is_no_tenant() {
        for text in [
            "",
            "contoso",
            "..",
            "a..b",
            "-a.b",
            "a/b.c",
            "127.0.0.1",
            "a.b?c",
            "a b.c",
            "<your tenant id>",
            "%2e.x",
        ] {
            assert!(Tenant::parse(text).is_none(), "{text}");
        }
    }
}
