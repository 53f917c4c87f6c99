use super::*;
use crate::{config::BaseUrl, random::SystemRandom, seal::InstanceLabel};

fn keys(secret: &str) -> Keys {
    Keys::new(&[secret], InstanceLabel::new("a", "b", "c")).unwrap()
}

fn attempt(return_to: &str) -> Attempt {
    let base = BaseUrl::parse("https://app.example.test").unwrap();
    let browser = BindingCookie::new(&SystemRandom);
    Attempt::new(
        &SystemRandom,
        Timestamp::from_seconds(1_800_000_000),
        &browser,
        base.return_to(return_to),
        AttemptPurpose::SignIn,
    )
}

#[test]
fn the_longest_attempt_fits_and_lengths_are_padded() {
    let keys = keys("secret");
    let sealer = AttemptSealer::new(&keys, "https://app.example.test/auth/redirect");
    for length in [1, 100, 500, ReturnTo::MAX_LENGTH - 1] {
        let mut attempt = attempt(&format!("/{}", "x".repeat(length)));
        attempt.mark = u64::MAX;
        attempt.shortened = true;
        attempt.number = u8::MAX;
        attempt.browser = [255; 16];
        attempt.purpose = AttemptPurpose::UserFlow(UserFlow::PasswordReset);
        attempt.prompt = Some(Prompt::SelectAccount);
        let state = sealer.seal(&SystemRandom, &attempt).unwrap();
        assert_eq!(state.len() % 128, 0, "{}", state.len());
        assert!(state.len() <= MAX_STATE);
        let (opened, _) = sealer.open(&keys, &state).unwrap();
        assert_eq!(opened.return_to, attempt.return_to);
        assert_eq!(opened.id, attempt.id);
    }
}

#[test]
fn hints_that_do_not_fit_are_left_out_and_nothing_else() {
    let keys = keys("secret");
    let sealer = AttemptSealer::new(&keys, "https://app.example.test/auth/redirect");
    let longest_hint = "\u{1f511}".repeat(256);
    for (length, kept) in [(1, true), (ReturnTo::MAX_LENGTH - 1, false)] {
        let mut attempt = attempt(&format!("/{}", "x".repeat(length)));
        attempt.prompt = Some(Prompt::Login);
        attempt.login_hint = Some(Pii::new(longest_hint.as_str()));
        attempt.domain_hint = Some("contoso.com".to_owned());
        let state = sealer.seal(&SystemRandom, &attempt).unwrap();
        assert!(state.len() <= MAX_STATE);
        let (opened, _) = sealer.open(&keys, &state).unwrap();
        assert_eq!(opened.return_to, attempt.return_to);
        assert_eq!(opened.prompt, attempt.prompt);
        assert_eq!(opened.domain_hint.is_some(), kept);
        let hint = opened.login_hint.as_ref().map(Pii::expose);
        assert_eq!(hint, kept.then_some(longest_hint.as_str()));
        assert!(!format!("{attempt:?}").contains('\u{1f511}'));
    }
}

#[test]
fn reads_what_a_release_without_marks_has_sealed() {
    let keys = keys("secret");
    let sealer = AttemptSealer::new(&keys, "https://a.example/auth/redirect");
    let mut old = serde_json::to_value(attempt("/deep")).unwrap();
    old.as_object_mut().unwrap().remove("m").unwrap();
    let sealed = sealer.sealer.seal(
        &SystemRandom,
        &sealer.associated,
        old.to_string().as_bytes(),
    );
    let (opened, _) = sealer.open(&keys, &URL_SAFE_NO_PAD.encode(sealed)).unwrap();
    assert_eq!(opened.mark, 0);
}

#[test]
fn refuses_the_state_of_another_redirect_uri() {
    let keys = keys("secret");
    let state = AttemptSealer::new(&keys, "https://a.example/auth/redirect")
        .seal(&SystemRandom, &attempt("/"))
        .unwrap();
    let other = AttemptSealer::new(&keys, "https://b.example/auth/redirect");
    assert_eq!(other.open(&keys, &state).err(), Some(OpenError::Forged));
}

#[test]
fn refuses_long_and_foreign_text() {
    let keys = keys("secret");
    let sealer = AttemptSealer::new(&keys, "https://a.example/auth/redirect");
    for state in ["", "x", "äöü", &"A".repeat(4096), &"A".repeat(1024)] {
        assert!(sealer.open(&keys, state).is_err());
    }
}

#[test]
fn nonce_and_verifier_differ_by_attempt_and_from_each_other() {
    let keys = keys("secret");
    let (one, two) = (attempt("/"), attempt("/"));
    let generation = keys.current();
    assert_ne!(nonce(generation, &one.id), nonce(generation, &two.id));
    assert_ne!(
        nonce(generation, &one.id),
        code_verifier(generation, &one.id)
    );
    assert_eq!(code_verifier(generation, &one.id).len(), 43);
}
