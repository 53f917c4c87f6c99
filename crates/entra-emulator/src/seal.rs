//! Authenticated encryption of values that clients keep for the emulator: refresh tokens, cookies, page states.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{base64url, from_base64url};

/// Seals and opens values under one key; a value sealed for one purpose does not open for another.
pub(crate) struct Sealer {
    key: RandomizedNonceKey,
}

/// The use of a sealed value; it is authenticated with the value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    RefreshToken,
    SignInCookie,
    SignInPage,
    SignOutPage,
    StartPage,
}

const NONCE_LENGTH: usize = 12;

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key)
            .ok()
            .map(|key| Self { key })
    }

    /// Seals the value as base64url; its JSON is padded with spaces to at least `length` bytes.
    ///
    /// `None` when the value cannot be serialised or encrypted.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        value: &impl Serialize,
        length: usize,
    ) -> Option<String> {
        let mut bytes = serde_json::to_vec(value).ok()?;
        while bytes.len() < length {
            bytes.push(b' ');
        }
        let nonce = self
            .key
            .seal_in_place_append_tag(aad(purpose), &mut bytes)
            .ok()?;
        Some(base64url([&nonce.as_ref()[..], &bytes].concat()))
    }

    /// Opens a text that this key sealed for this purpose; `None` for any other text.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Option<T> {
        let mut bytes = from_base64url(text)?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LENGTH)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, aad(purpose), sealed).ok()?;
        serde_json::from_slice(plain).ok()
    }
}

fn aad(purpose: Purpose) -> Aad<Vec<u8>> {
    Aad::from(format!("{purpose:?}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_for_its_purpose_and_unchanged() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let sealed = sealer.seal(Purpose::RefreshToken, &"value", 900).unwrap();
        assert!(sealed.len() > 1200);
        assert_eq!(
            sealer
                .open::<String>(Purpose::RefreshToken, &sealed)
                .as_deref(),
            Some("value")
        );
        assert_eq!(sealer.open::<String>(Purpose::SignInPage, &sealed), None);
        assert_eq!(
            sealer.open::<String>(Purpose::RefreshToken, &sealed.replacen('A', "B", 1)),
            None
        );
        assert_eq!(sealer.open::<String>(Purpose::RefreshToken, "AAAA"), None);
    }
}
