//! Removes cookies that are not what their reader takes them for, before anything reads cookies.
//!
//! A browser protects a cookie by its raw name: only the host itself can set one that begins with
//! `__Host-` (RFC 6265bis section 4.1.3). `HttpRequest::cookies()` of Actix percent-decodes names
//! and trims Unicode white space, so that `%5F%5FHost-x`, which any sibling host can set for the
//! whole domain, is read as `__Host-x`. It also reads the first of two cookies with one name, and
//! no cookie at all where one of them is not UTF-8.

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

/// Removes what is not genuine from the `Cookie` headers, and returns how many pairs that were.
/// `own` are the names of the instance's cookies.
///
/// Removed are:
/// - pairs whose name has an escape that no writer makes (RFC 3986 section 2.3: letters, digits
///   and `-._~` are never escaped), or white space around it that Actix trims;
/// - pairs whose decoded name begins with `__Host-` or `__Secure-`, or is one of `own`, where the
///   raw name does not;
/// - all pairs of one of `own` that comes more than once: one of them may have been planted for the
///   domain or another path, and nothing tells which (RFC 6265bis section 8.6);
/// - pairs that are not UTF-8.
pub(crate) fn keep_genuine(headers: &mut HeaderMap, own: &[&str]) -> usize {
    let Some(doubled) = finding(headers, own) else {
        return 0;
    };
    let mut removed = 0;
    let mut kept = Vec::new();
    for header in headers.get_all(COOKIE) {
        for pair in pairs(header.as_bytes()) {
            let name = name_of(pair);
            if is_disguised(pair, own) || doubled.iter().any(|own| own.as_bytes() == name) {
                removed += 1;
                continue;
            }
            if !kept.is_empty() {
                kept.extend_from_slice(b"; ");
            }
            kept.extend_from_slice(pair.trim_ascii());
        }
    }
    headers.remove(COOKIE);
    if let Ok(kept) = HeaderValue::from_bytes(&kept)
        && !kept.is_empty()
    {
        headers.insert(COOKIE, kept);
    }
    removed
}

/// The names of `own` that come more than once. `None` when everything is genuine, as it is in
/// nearly all requests: then nothing is copied.
fn finding<'n>(headers: &HeaderMap, own: &[&'n str]) -> Option<Vec<&'n str>> {
    let mut disguised = false;
    let mut seen: Vec<&'n str> = Vec::new();
    let mut doubled: Vec<&'n str> = Vec::new();
    for pair in headers
        .get_all(COOKIE)
        .flat_map(|header| pairs(header.as_bytes()))
    {
        disguised |= is_disguised(pair, own);
        let name = name_of(pair);
        if let Some(known) = own.iter().find(|known| known.as_bytes() == name) {
            match seen.contains(known) {
                true => doubled.push(known),
                false => seen.push(known),
            }
        }
    }
    (disguised || !doubled.is_empty()).then_some(doubled)
}

fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let pairs = rest?;
        let end = memchr::memchr(b';', pairs).unwrap_or(pairs.len());
        let (pair, others) = pairs.split_at(end);
        rest = others.split_first().map(|(_, others)| others);
        Some(pair)
    })
    .filter(|pair| !pair.trim_ascii().is_empty())
}

/// The raw name: between the space that separates pairs and the first `=`.
fn name_of(pair: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'=', pair).unwrap_or(pair.len());
    pair[..end].trim_ascii_start()
}

fn is_disguised(pair: &[u8], own: &[&str]) -> bool {
    let raw = name_of(pair);
    let plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'%';
    if pair.is_ascii() && raw.iter().all(plain) {
        return false;
    }
    let (Ok(name), Ok(_)) = (std::str::from_utf8(raw), std::str::from_utf8(pair)) else {
        return true;
    };
    let decoded = percent_decoded(raw);
    name.trim() != name
        || has_needless_escape(raw)
        || (decoded != raw && is_protected(&decoded, own) && !is_protected(raw, own))
}

/// Whether browsers or this crate give the name a meaning.
fn is_protected(name: &[u8], own: &[&str]) -> bool {
    let prefixed = name.starts_with(b"__Host-") || name.starts_with(b"__Secure-");
    prefixed || own.iter().any(|own| own.as_bytes() == name)
}

fn has_needless_escape(name: &[u8]) -> bool {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (0..name.len()).any(|at| escape_at(name, at).is_some_and(unreserved))
}

fn percent_decoded(name: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(byte) = name.get(at) {
        match escape_at(name, at) {
            Some(escaped) => {
                decoded.push(escaped);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

/// The byte that `%XX` at this place stands for.
fn escape_at(name: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = *name.get(at..at.checked_add(3)?)? else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 2] = ["__Host-aad-session", "aad-session-data-5000"];

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    fn kept(values: &[&[u8]]) -> String {
        let mut headers = headers(values);
        keep_genuine(&mut headers, &OWN);
        let all: Vec<_> = headers
            .get_all(COOKIE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        all.join("|")
    }

    #[test]
    fn w1_a_disguised_name_is_removed_and_its_neighbours_are_kept() {
        for disguised in [
            "%5F%5FHost-aad-session",
            "%5f_Host-aad-session",
            "_%5FHost-other",
            "__%48ost-other",
            "__Host%2Daad-session",
            "__Host-aad-sessio%6E",
            "%5F%5FSecure-other",
            "\u{a0}__Host-other",
            "\u{2003}__Host-other",
            "\u{85}__Host-other",
            "__Host-other\u{3000}",
            "__Host-other ",
            "aad%2Dsession%2Ddata%2D5000",
            "aad-session-data-5000\u{a0}",
            // No writer makes these, whatever they are read as.
            "%74heme",
            "theme%2d",
        ] {
            let header = format!("a=1; {disguised}=planted; b=2");
            assert_eq!(kept(&[header.as_bytes()]), "a=1; b=2", "{disguised:?}");
        }
    }

    #[test]
    fn w1_doubled_cookies_of_ours_are_all_removed() {
        let own = "__Host-aad-session";
        for values in [
            vec![format!("{own}=1; a=1; {own}=2")],
            vec![format!("{own}=1; a=1"), format!("{own}=1")],
            vec![format!("{own}=1; a=1; %5F%5FHost-aad-session=3; {own}=2")],
        ] {
            let values: Vec<_> = values.iter().map(String::as_bytes).collect();
            assert_eq!(kept(&values), "a=1");
        }
        let planted = format!("%5F%5FHost-aad-session=3; {own}=1");
        assert_eq!(kept(&[planted.as_bytes()]), format!("{own}=1"));
    }

    #[test]
    fn w1_what_is_not_utf8_hides_no_other_cookie() {
        assert_eq!(kept(&[b"a=\xff; b=2", b"\xfe=1; c=3"]), "b=2; c=3");
    }

    #[test]
    fn genuine_cookies_are_left_as_they_are() {
        for value in [
            "__Host-aad-session=1; other=a%20b; x=\"q\"; y",
            "my%20cookie=1; caf\u{e9}=2; a%3Bb=3; a%zz=4; a%=5; a%2",
            "__Host-my%20cookie=1",
            "a=1;b=2;  c=3;; ",
            "a=1; a=2",
            "=x; ;",
        ] {
            let mut map = headers(&[value.as_bytes()]);
            assert_eq!(keep_genuine(&mut map, &OWN), 0, "{value}");
            assert_eq!(map.get(COOKIE).unwrap().as_bytes(), value.as_bytes());
        }
        assert_eq!(keep_genuine(&mut HeaderMap::new(), &OWN), 0);
    }

    proptest::proptest! {
        /// Whatever is left, Actix reads no protected name that the raw header does not have.
        #[test]
        fn w1_actix_reads_no_protected_name_that_is_not_there_raw(
            names in proptest::collection::vec("(%5[fF]|_){2}(H|%48)ost(-|%2D)aad-session[ \u{a0}]?|[a-z%=; ]{0,6}", 1..5)
        ) {
            let header: Vec<_> = names.iter().map(|name| format!("{name}=v")).collect();
            let mut map = headers(&[header.join("; ").as_bytes()]);
            keep_genuine(&mut map, &OWN);
            let mut request = actix_web::test::TestRequest::default();
            for value in map.get_all(COOKIE) {
                request = request.append_header((COOKIE, value.clone()));
            }
            let request = request.to_http_request();
            let read = request.cookies().unwrap();
            let read = read.iter().filter(|cookie| cookie.name().starts_with("__Host-")).count();
            let raw = map.get_all(COOKIE).flat_map(|value| pairs(value.as_bytes()))
                .filter(|pair| name_of(pair).starts_with(b"__Host-")).count();
            proptest::prop_assert_eq!(read, raw);
            proptest::prop_assert!(raw <= 1);
        }
    }
}
