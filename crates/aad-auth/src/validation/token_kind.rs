//! The kinds of token, which must never be taken for one another (RFC 8725 section 3.12).

/// What a token is presented as.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenKind {
    /// An ID token from the token endpoint.
    Id,
    /// An access token for our own API.
    Access,
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    Logout,
}

impl TokenKind {
    /// Whether a header's `typ` fits. Absent fits every kind, since Entra and most providers say
    /// just `JWT` for all of them; the name of another kind never fits.
    pub(crate) fn accepts_typ(self, typ: Option<&str>) -> bool {
        let Some(typ) = typ else { return true };
        // RFC 7515 section 4.1.9: a media type, whose case and `application/` do not matter.
        let lower = typ.to_ascii_lowercase();
        let name = lower.strip_prefix("application/").unwrap_or(&lower);
        match self {
            Self::Id => name == "jwt",
            Self::Access => name == "jwt" || name == "at+jwt",
            Self::Logout => name == "jwt" || name == "logout+jwt",
        }
    }
}
