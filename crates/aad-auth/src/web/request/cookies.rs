//! Reads our cookies strictly, without parsing those of others.

use actix_web::http::header::{COOKIE, HeaderMap};

/// What the request's headers say of one cookie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CookieMatch<'a> {
    /// It is not there.
    Missing,
    /// It is there once.
    Once(&'a [u8]),
    /// It is there more than once. One of them may have been planted from a sibling domain or
    /// another path, and nothing tells which: it counts as none (RFC 6265bis section 8.6).
    Ambiguous,
}

impl<'a> CookieMatch<'a> {
    /// The value, when there is exactly one.
    pub(crate) const fn once(self) -> Option<&'a [u8]> {
        match self {
            Self::Once(value) => Some(value),
            Self::Missing | Self::Ambiguous => None,
        }
    }
}

/// Looks for the cookie `name` in the `Cookie` headers.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> CookieMatch<'a> {
    let mut found = CookieMatch::Missing;
    for header in headers.get_all(COOKIE) {
        let mut rest = Some(header.as_bytes());
        while let Some(pairs) = rest {
            let (pair, others) = first_pair(pairs);
            rest = others;
            let value = pair
                .trim_ascii()
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="));
            if let Some(value) = value {
                match found {
                    CookieMatch::Missing => found = CookieMatch::Once(value),
                    _ => return CookieMatch::Ambiguous,
                }
            }
        }
    }
    found
}

/// The pair before the first `;`, and what stands behind it. Foreign cookies can be long, and each
/// request brings them: they are passed over, not read byte by byte.
fn first_pair(pairs: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = memchr::memchr(b';', pairs).unwrap_or(pairs.len());
    let (pair, others) = pairs.split_at(end);
    (pair, others.split_first().map(|(_, others)| others))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn finds_the_exact_name_only() {
        let headers = headers(&["xaad=1; aad=2; aadx=3; aad", "b=4"]);
        assert_eq!(find(&headers, "aad"), CookieMatch::Once(b"2"));
        assert_eq!(find(&headers, "c"), CookieMatch::Missing);
    }

    #[test]
    fn finds_it_anywhere_and_with_any_value() {
        for (value, expected) in [
            ("aad=", &b""[..]),
            ("aad=a=b", b"a=b"),
            (" aad=1 ", b"1"),
            (";;aad=1;", b"1"),
            ("a;aad=1", b"1"),
            ("aad=1;\tb=2", b"1"),
        ] {
            let headers = headers(&[value]);
            let found = find(&headers, "aad");
            assert_eq!(found, CookieMatch::Once(expected), "{value}");
            assert_eq!(found.once(), Some(expected));
        }
        for value in ["", ";", "aad", "aad ;=1", "=aad=1"] {
            assert_eq!(
                find(&headers(&[value]), "aad"),
                CookieMatch::Missing,
                "{value}"
            );
        }
    }

    #[test]
    fn a_doubled_cookie_counts_as_none() {
        for values in [&["aad=1; aad=1"][..], &["aad=1", "aad=2"]] {
            let headers = headers(values);
            let found = find(&headers, "aad");
            assert_eq!(found, CookieMatch::Ambiguous);
            assert_eq!(found.once(), None);
        }
    }
}
