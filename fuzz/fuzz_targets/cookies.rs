//! A cookie that the middleware takes for ours stands in the header once, under exactly our name.
//! Lines of the input are `Cookie` headers; what cleans the header before handlers is to be added to `seen`.
#![no_main]

use aad_auth::web::fuzzing;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 4] = ["aad-session", "__Host-aad-session", "aad-browser", "aad-session-data"];

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    for name in NAMES {
        let seen = fuzzing::cookie(&headers, name);
        assert_eq!(seen, exactly_once(&headers, name), "{name}");
    }
});

/// The same by a reader that knows nothing but RFC 6265: pairs between semicolons, blanks around them.
fn exactly_once<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let values = headers.get_all(COOKIE).map(HeaderValue::as_bytes);
    let pairs = values.flat_map(|value| value.split(|byte| *byte == b';'));
    let mut found = pairs.filter_map(|pair| {
        let pair = pair.trim_ascii();
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        (pair[..equals] == *name.as_bytes()).then(|| &pair[equals + 1..])
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
