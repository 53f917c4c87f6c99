//! Messages that must not open.

use aws_lc_rs::{hkdf, hmac};
use proptest::prelude::*;

use super::{
    generation::{Length, extract},
    *,
};
use crate::random::SystemRandom;

fn keys(secrets: &[&str]) -> Keys {
    let label = InstanceLabel::new("https://login.example.test/t", "client", "/auth");
    Keys::new(secrets, label).unwrap()
}

#[test]
fn refuses_to_work_without_a_secret() {
    let label = InstanceLabel::new("a", "b", "c");
    assert!(Keys::new::<&str>(&[], label).is_none());
    assert!(Keys::new(&[""], label).is_none());
}

#[test]
fn refuses_another_purpose_context_or_instance() {
    let keys_a = keys(&["secret a"]);
    let sealed = keys_a
        .sealer(SealPurpose::Session, b"one")
        .seal(&SystemRandom, b"", b"text");
    let open = |keys: &Keys, purpose, context: &[u8]| {
        keys.sealer(purpose, context).open(b"", &sealed).err()
    };
    assert_eq!(open(&keys_a, SealPurpose::Session, b"one"), None);
    assert_eq!(
        open(&keys_a, SealPurpose::Vault, b"one"),
        Some(OpenError::Forged)
    );
    assert_eq!(
        open(&keys_a, SealPurpose::Session, b"two"),
        Some(OpenError::Forged)
    );
    let other = Keys::new(&["secret a"], InstanceLabel::new("x", "client", "/auth")).unwrap();
    assert_eq!(
        open(&other, SealPurpose::Session, b"one"),
        Some(OpenError::UnknownKey)
    );
}

#[test]
fn refuses_other_associated_data() {
    let sealer = keys(&["secret a"]).sealer(SealPurpose::Attempt, b"");
    let sealed = sealer.seal(&SystemRandom, b"https://a.example/redirect", b"text");
    assert_eq!(
        sealer.open(b"https://b.example/redirect", &sealed).err(),
        Some(OpenError::Forged)
    );
}

#[test]
fn an_appended_secret_opens_and_a_dropped_one_is_named() {
    let old = keys(&["old"]);
    let sealed = old
        .sealer(SealPurpose::Attempt, b"")
        .seal(&SystemRandom, b"", b"text");
    let rotated = keys(&["new", "old"]).sealer(SealPurpose::Attempt, b"");
    assert_eq!(rotated.open(b"", &sealed).unwrap().plaintext, b"text");
    let dropped = keys(&["new"]).sealer(SealPurpose::Attempt, b"");
    assert_eq!(
        dropped.open(b"", &sealed).err(),
        Some(OpenError::UnknownKey)
    );
}

proptest! {
    #[test]
    fn opens_what_it_sealed(associated: Vec<u8>, text: Vec<u8>) {
        let sealer = keys(&["secret"]).sealer(SealPurpose::Session, b"id");
        let sealed = sealer.seal(&SystemRandom, &associated, &text);
        prop_assert_eq!(sealed.len(), text.len() + OVERHEAD);
        prop_assert_eq!(sealer.open(&associated, &sealed).unwrap().plaintext, text);
    }

    #[test]
    fn refuses_any_flipped_bit(text: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
        let sealer = keys(&["secret"]).sealer(SealPurpose::Session, b"id");
        let mut sealed = sealer.seal(&SystemRandom, b"", &text);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(sealer.open(b"", &sealed).is_err());
    }

    #[test]
    fn refuses_arbitrary_bytes(bytes: Vec<u8>) {
        let sealer = keys(&["secret"]).sealer(SealPurpose::Session, b"id");
        prop_assert!(sealer.open(b"", &bytes).is_err());
    }
}

#[test]
fn keys_are_those_of_the_library_s_own_hkdf() {
    let secret = b"a secret of the application";
    let own = extract(&hmac::Key::new(hmac::HMAC_SHA256, b"aad-auth 1"), secret);
    let library = hkdf::Salt::new(hkdf::HKDF_SHA256, b"aad-auth 1").extract(secret);
    let filled = |root: &hkdf::Prk| {
        let mut bytes = [0; 40];
        let info: [&[u8]; 1] = [b"info"];
        root.expand(&info, Length(40))
            .unwrap()
            .fill(&mut bytes)
            .unwrap();
        bytes
    };
    assert_eq!(filled(&own), filled(&library));
}
