//! A return address stays on our own origin, whatever it was made from, also as a browser reads it.
#![no_main]

use std::sync::OnceLock;

use aad_auth::config::{BaseUrl, ReturnTo};
use libfuzzer_sys::fuzz_target;
use url::Url;

static BASES: OnceLock<Vec<(BaseUrl, Url)>> = OnceLock::new();

fn bases() -> Vec<(BaseUrl, Url)> {
    [
        "https://app.example.test",
        "https://app.example.test/below",
        "http://localhost:5000",
    ]
    .map(|base| (BaseUrl::parse(base).unwrap(), Url::parse(base).unwrap()))
    .into()
}

fuzz_target!(|value: &str| {
    for (base, url) in BASES.get_or_init(bases) {
        let return_to = base.return_to(value);
        let text = return_to.as_str();
        assert!(text.len() <= ReturnTo::MAX_LENGTH && text.starts_with('/'));
        assert!(!text.starts_with("//") && !text.starts_with("/\\"));
        assert!(text.bytes().all(|byte| (0x21..0x7f).contains(&byte)));
        // Where a browser lands that is sent there.
        let landed = url.join(text).unwrap();
        assert_eq!(landed.origin(), url.origin());
        assert!(landed.path().starts_with(url.path().trim_end_matches('/')));
        // Reading it once more changes nothing.
        assert_eq!(base.return_to(text).as_str(), text);
    }
});
