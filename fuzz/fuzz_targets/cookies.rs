//! A cookie that the middleware takes for ours stands in the header once, under exactly our name; and what is
//! left for handlers has no name that only decoding makes one of ours or a protected one. Lines of the input
//! are `Cookie` headers.
#![no_main]

use aad_auth::internals::web::fuzzing;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use actix_web::test::TestRequest;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 4] = [
    "aad-session",
    "__Host-aad-session",
    "aad-browser",
    "aad-session-data",
];

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
    handlers_are_not_misled(headers);
});

fn handlers_are_not_misled(mut headers: HeaderMap) {
    let before: Vec<_> = NAMES
        .iter()
        .map(|name| exactly_once(&headers, name).map(<[u8]>::to_vec))
        .collect();
    fuzzing::keep_genuine_cookies(&mut headers, &NAMES);
    assert_eq!(
        fuzzing::keep_genuine_cookies(&mut headers, &NAMES),
        0,
        "once is enough"
    );
    for (name, before) in NAMES.iter().zip(before) {
        let after = exactly_once(&headers, name).map(<[u8]>::to_vec);
        // A pair that is not UTF-8 is removed whatever its name is.
        assert!(after == before || after.is_none(), "{name}");
    }
    let mut request = TestRequest::default();
    for value in headers.get_all(COOKIE) {
        request = request.append_header((COOKIE, value.clone()));
    }
    let request = request.to_http_request();
    for cookie in request.cookies().expect("UTF-8").iter() {
        let name = cookie.name();
        if name.starts_with("__Host-") || name.starts_with("__Secure-") || NAMES.contains(&name) {
            let raw = headers
                .get_all(COOKIE)
                .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
            let raw = raw.filter(|pair| {
                pair.trim_ascii_start()
                    .starts_with(raw_name(name).as_bytes())
            });
            assert!(raw.count() > 0, "{name} is read, and not there");
        }
    }
}

/// As much of the name as browsers protect.
fn raw_name(name: &str) -> &str {
    match NAMES.contains(&name) {
        true => name,
        false => &name[..name.find('-').map_or(name.len(), |at| at + 1)],
    }
}

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
