//! An authorization response is read without panic, and what our page posts on is bounded.
#![no_main]

use aad_auth::internals::sign_in::AuthorizationResponse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let response = AuthorizationResponse::parse(data);
    if let Ok(fields) = AuthorizationResponse::fields_to_repost(data) {
        assert!(response.is_ok());
        let mut names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total, "a field comes twice");
    }
    if let Ok(response) = response
        && let Ok(code) = response.outcome()
    {
        // A code is put into a form: nothing in it may end a field or a line.
        use aad_auth::internals::secret::ExposeSecret;
        assert!(
            code.expose_secret()
                .bytes()
                .all(|byte| (0x20..0x7f).contains(&byte))
        );
    }
});
