//! Sealing and opening of messages.

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::{KeyId, encoding::push_prefixed, generation::KEY_ID_LEN};
use crate::random::{self, Random};

/// Seals and opens messages of one purpose.
pub struct Sealer {
    pub(super) keys: Vec<(KeyId, LessSafeKey)>,
}

impl Sealer {
    /// Seals `plaintext`. [`Self::open`] needs the same `associated` data.
    ///
    /// The result is `version | key id | nonce | ciphertext | tag`, [`OVERHEAD`] bytes longer.
    pub fn seal(&self, random: &dyn Random, associated: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let Some((id, key)) = self.keys.first() else {
            debug_assert!(false, "Keys has at least one generation");
            return Vec::new();
        };
        let nonce: [u8; NONCE_LEN] = random::bytes(random);
        let mut sealed = Vec::with_capacity(OVERHEAD + plaintext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&id.0);
        sealed.extend_from_slice(&nonce);
        let aad = associated_data(&sealed[..1 + KEY_ID_LEN], associated);
        let mut message = plaintext.to_vec();
        let done = key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut message,
        );
        debug_assert!(done.is_ok(), "messages are far below the cipher's limit");
        sealed.extend_from_slice(&message);
        sealed
    }

    /// Opens a message that [`Self::seal`] sealed with the same `associated` data.
    ///
    /// # Errors
    /// An [`OpenError`], for any change of message, purpose, context, instance or `associated` data.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Opened, OpenError> {
        if sealed.len() < OVERHEAD {
            return Err(OpenError::Malformed);
        }
        let (header, rest) = sealed.split_at(1 + KEY_ID_LEN);
        let (nonce, message) = rest.split_at(NONCE_LEN);
        if header.first() != Some(&VERSION) {
            return Err(OpenError::Malformed);
        }
        let (id, key) = self
            .keys
            .iter()
            .find(|(id, _)| id.0 == header[1..])
            .ok_or(OpenError::UnknownKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let mut message = message.to_vec();
        let length = key
            .open_in_place(
                nonce,
                Aad::from(associated_data(header, associated)),
                &mut message,
            )
            .map_err(|_| OpenError::Forged)?
            .len();
        message.truncate(length);
        Ok(Opened {
            plaintext: message,
            key: *id,
        })
    }
}

/// An opened message.
pub struct Opened {
    /// The plaintext.
    pub plaintext: Vec<u8>,
    /// The generation that sealed the message.
    pub key: KeyId,
}

/// Why a sealed message does not open.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The message is too short, or has an unknown version.
    #[error("not a sealed message of this version")]
    Malformed,
    /// The message was sealed under a key generation that this instance does not have.
    #[error("sealed under a key that this instance does not have")]
    UnknownKey,
    /// The message was changed, or sealed for another purpose or instance.
    #[error("not sealed by this instance")]
    Forged,
}

/// The length of a sealed message minus that of its plaintext, in bytes.
pub const OVERHEAD: usize = 1 + KEY_ID_LEN + NONCE_LEN + TAG_LEN;

const VERSION: u8 = 1;
const TAG_LEN: usize = 16;

fn associated_data(header: &[u8], associated: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(header.len() + associated.len() + 8);
    push_prefixed(&mut data, header);
    push_prefixed(&mut data, associated);
    data
}
