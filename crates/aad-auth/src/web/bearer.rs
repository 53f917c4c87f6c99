//! Bearer tokens in requests.

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
};

use super::mount::Auth;
use crate::validation::{AccessToken, VerifyError};

/// What a request's `Authorization` header holds.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Presented<'a> {
    /// No bearer token.
    Nothing,
    /// More than one credential: it is not clear who asks.
    Repeated,
    /// A bearer token that cannot be one: refused before anything is looked at.
    Malformed,
    /// A token.
    Token(&'a str),
}

/// Reads the header (RFC 6750 section 2.1).
///
/// Nothing else is read. A token in the query (section 2.3) is refused as such, since addresses
/// end in logs. A body (section 2.2) belongs to the application: reading it here would take it
/// away, so that a token in it is no credential, and the answer is the one to nobody.
pub(super) fn presented(headers: &HeaderMap) -> Presented<'_> {
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
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    match std::str::from_utf8(rest.trim_ascii()) {
        Ok(token) if !token.is_empty() && token.as_bytes().iter().all(plain) => {
            Presented::Token(token)
        }
        _ => Presented::Malformed,
    }
}

/// Whether the query carries a token, which is refused wherever bearer tokens are taken.
pub(super) fn in_query(request: &HttpRequest) -> bool {
    let query = request.query_string().as_bytes();
    url::form_urlencoded::parse(query).any(|(name, _)| name == "access_token")
}

impl Auth {
    /// Verifies a token.
    pub(super) async fn verify_bearer(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        self.engine().verifier().access_token(token).await
    }
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
