//! A binding cookie that is accepted is one that we write, and means the same when it comes again.
#![no_main]

use aad_auth::internals::sign_in::BindingCookie;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(browser) = BindingCookie::parse(data) else {
        return;
    };
    let written = browser.to_cookie();
    assert!(written.len() <= 64, "{written}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(written.bytes().all(plain), "{written}");
    let again = BindingCookie::parse(written.as_bytes());
    assert!(again.is_some_and(|again| again.to_cookie() == written));
});
