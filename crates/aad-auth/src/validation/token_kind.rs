//! Kinds of tokens. A token of one kind must not pass as another (RFC 8725 section 3.12).

/// The kind as which a client presents a token.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenKind {
    /// An ID token from the token endpoint.
    Id,
    /// An access token for the application's API.
    Access,
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    Logout,
}

impl TokenKind {
    /// Whether `typ` of the header matches. An absent one matches every kind, and so does `JWT`, which Entra
    /// and most providers send for all of them. The name of another kind never matches.
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

/// Normalises a media type: case and `application/` are ignored (RFC 7515 section 4.1.9).
fn media_type(typ: &str) -> String {
    let lower = typ.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(name) => name.to_owned(),
        None => lower,
    }
}

const ACCESS_TOKEN: &str = "at+jwt";
