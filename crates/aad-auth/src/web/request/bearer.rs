//! Bearer tokens in requests.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
};

/// What a request's `Authorization` header holds.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::web) enum Presented<'a> {
    /// No bearer token.
    Nothing,
    /// More than one credential: it is not clear which one counts.
    Repeated,
    /// A bearer token that cannot be one: refused before anything is looked at.
    Malformed,
    /// A token.
    Token(&'a str),
}

/// Reads the header (RFC 6750 section 2.1).
///
/// Nothing else is read. A token in the query (section 2.3) is refused as such, since addresses
/// end in logs. A body (section 2.2) belongs to the application, and reading it here would take it
/// away. So a token in a body is no credential, and the request counts as anonymous.
pub(in crate::web) fn presented(headers: &HeaderMap) -> Presented<'_> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else {
        return Presented::Nothing;
    };
    if values.next().is_some() {
        return Presented::Repeated;
    }
    let bytes = value.as_bytes();
    let end = bytes.iter().position(|byte| *byte == b' ');
    let (scheme, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Presented::Nothing;
    }
    let token = rest.trim_ascii();
    match std::str::from_utf8(token) {
        Ok(text) if !token.is_empty() && has_token_alphabet(token) => Presented::Token(text),
        _ => Presented::Malformed,
    }
}

/// Whether all bytes are such as a bearer token has (`b64token`).
///
/// Without a branch for each byte, so that the compiler looks at many of them at once: a token has
/// thousands, and each request brings them again.
fn has_token_alphabet(token: &[u8]) -> bool {
    let is_plain = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        // `-`, `.`, `/` and the digits stand in one row.
        let row = byte.wrapping_sub(b'-') < 13;
        letter | row | (byte == b'_') | (byte == b'~') | (byte == b'+') | (byte == b'=')
    };
    token.iter().fold(true, |all, byte| all & is_plain(*byte))
}

/// Whether the query carries a token, which is refused wherever bearer tokens are taken.
pub(in crate::web) fn in_query(request: &HttpRequest) -> bool {
    let query = request.query_string().as_bytes();
    url::form_urlencoded::parse(query).any(|(name, _)| name == "access_token")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn read(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        match presented(&headers) {
            Presented::Token(token) => token.to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_alphabet_is_that_of_b64token() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
            assert_eq!(has_token_alphabet(&[b'a', byte, b'z']), listed, "{byte}");
        }
    }

    #[test]
    fn only_one_plain_bearer_token_is_read() {
        assert_eq!(read(&["Bearer abc.def"]), "abc.def");
        assert_eq!(read(&["bearer abc"]), "abc");
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer {\"a\":1}"],
            &["Bearer a, Bearer b"],
            &["Bearer \u{e4}"],
        ] {
            assert_eq!(read(values), "Malformed", "{values:?}");
        }
        for values in [["Bearer a", "Bearer b"], ["Basic YTpi", "Bearer b"]] {
            assert_eq!(read(&values), "Repeated", "{values:?}");
        }
        for values in [&[][..], &["Basic YTpi"], &["Bearerabc"], &[""]] {
            assert_eq!(read(values), "Nothing", "{values:?}");
        }
    }
}
