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
        let name = media_type(typ);
        match self {
            Self::Id => name == "jwt",
            Self::Access => name == "jwt" || name == ACCESS_TOKEN,
            Self::Logout => name == "jwt" || name == "logout+jwt",
        }
    }
}

/// Whether `typ` is the type of RFC 9068.
pub(crate) fn is_access_token_type(typ: &str) -> bool {
    media_type(typ) == ACCESS_TOKEN
}

/// RFC 7515 section 4.1.9: a media type, whose case and `application/` do not matter.
fn media_type(typ: &str) -> String {
    let lower = typ.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(name) => name.to_owned(),
        None => lower,
    }
}

const ACCESS_TOKEN: &str = "at+jwt";
