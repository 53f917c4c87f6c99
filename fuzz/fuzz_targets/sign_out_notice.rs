//! What names a session or carries a logout token is there once and plain; anything else names nothing.
#![no_main]

use aad_auth::internals::web::fuzzing::{MAX_SID, logout_token, named_session};
use actix_web::http::header::HeaderValue;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((sid, iss)) = named_session(data) {
        assert!((1..=MAX_SID).contains(&sid.len()));
        assert!(sid.bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(fields(data, "sid"), [sid]);
        assert_eq!(fields(data, "iss"), iss.into_iter().collect::<Vec<_>>());
    }
    let form = HeaderValue::from_static("Application/x-www-form-urlencoded; charset=utf-8");
    if let Some(token) = logout_token(Some(&form), data) {
        assert_eq!(fields(data, "logout_token"), [token]);
    }
    // The body again as the content type: only a form is read.
    assert!(logout_token(None, data).is_none());
    if let Ok(other) = HeaderValue::from_bytes(data.get(..64).unwrap_or(data))
        && logout_token(Some(&other), b"logout_token=a").is_some()
    {
        let text = other.to_str().unwrap().to_ascii_lowercase();
        assert!(
            text.trim_start()
                .starts_with("application/x-www-form-urlencoded")
        );
    }
});

fn fields(form: &[u8], name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(form).filter(|(found, _)| found == name);
    pairs.map(|(_, value)| value.into_owned()).collect()
}
