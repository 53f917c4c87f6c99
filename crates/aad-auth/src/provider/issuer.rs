//! Issuers, and issuer templates with a placeholder for the tenant.

use std::{borrow::Cow, fmt};

use crate::config::{Guid, TENANT_PLACEHOLDER};

/// An issuer identifier, compared character by character (OpenID Connect Core 1.0 section
/// 3.1.3.7, step 2; RFC 7519 section 2, StringOrURI).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Issuer {
    /// One issuer.
    Concrete(Box<str>),
    /// One issuer for each tenant. The tenant's id replaces Entra's placeholder `{tenantid}`.
    Template {
        /// The text before the tenant's id.
        before: Box<str>,
        /// The text after the tenant's id.
        after: Box<str>,
    },
}

impl Issuer {
    /// Parses an issuer, with at most one placeholder.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty()
            && text.len() <= MAX_ISSUER
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain {
            return None;
        }
        match text.split_once(TENANT_PLACEHOLDER) {
            None => Some(Self::Concrete(text.into())),
            Some((_, after)) if after.contains(TENANT_PLACEHOLDER) => None,
            Some((before, after)) => Some(Self::Template {
                before: before.into(),
                after: after.into(),
            }),
        }
    }

    /// Whether a token with this `iss` and `tid` has this issuer. A template does not match its own
    /// text: the placeholder is no tenant (abuse B2).
    pub fn accepts(&self, iss: &str, tenant: Option<&str>) -> bool {
        match (self, tenant) {
            (Self::Concrete(issuer), _) => &**issuer == iss,
            (Self::Template { before, after }, Some(tenant)) => {
                !tenant.is_empty()
                    && iss
                        .strip_prefix(&**before)
                        .and_then(|rest| rest.strip_suffix(&**after))
                        == Some(tenant)
            }
            (Self::Template { .. }, None) => false,
        }
    }

    /// Whether `iss` is this issuer, or matches the template for any tenant's id.
    pub fn accepts_any_tenant(&self, iss: &str) -> bool {
        let mut segments = iss.split('/');
        let tenant = segments.find(|segment| Guid::parse_exact(segment).is_some());
        self.accepts(iss, tenant)
    }

    /// The issuer of one tenant.
    pub fn for_tenant(&self, tenant: &str) -> Cow<'_, str> {
        match self {
            Self::Concrete(issuer) => Cow::Borrowed(issuer),
            Self::Template { before, after } => Cow::Owned(format!("{before}{tenant}{after}")),
        }
    }

    /// Whether it is a template for every tenant.
    pub const fn is_template(&self) -> bool {
        matches!(self, Self::Template { .. })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_tenant(TENANT_PLACEHOLDER))
    }
}

const MAX_ISSUER: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

    #[test]
    fn a_template_accepts_its_tenant_only() {
        let template = Issuer::parse(TEMPLATE).unwrap();
        let iss = template.for_tenant(T).into_owned();
        assert!(template.accepts(&iss, Some(T)));
        assert!(!template.accepts(&iss, Some("775527ff-9a37-4307-8b3d-cc311f58d925")));
        assert!(!template.accepts(&iss, None));
        assert!(!template.accepts(&format!("{iss}/"), Some(T)));
        assert!(!template.accepts(TEMPLATE, Some(T)));
    }

    #[test]
    fn overlapping_parts_do_not_make_an_issuer() {
        let template = Issuer::parse("aa{tenantid}aa").unwrap();
        assert!(!template.accepts("aaa", Some("")));
        assert!(!template.accepts("aaa", Some("a")));
    }

    #[test]
    fn blank_doubled_and_oversized_issuers_are_refused() {
        for text in ["", " ", "a\nb", "{tenantid}{tenantid}", &"x".repeat(1025)] {
            assert!(Issuer::parse(text).is_none(), "{text}");
        }
    }
}
