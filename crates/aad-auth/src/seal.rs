//! Authenticated encryption and key derivation from the application's secret.
//!
//! HKDF-SHA-256 (RFC 5869) derives each key for one [`SealPurpose`] of one [`InstanceLabel`]. So a message
//! of one instance, application or provider opens at no other. The cipher is AES-256-GCM-SIV (RFC 8452):
//! anonymous requests decide how many messages one key seals, and a repeated random 96-bit nonce must not
//! reveal the key stream.

mod encoding;
mod generation;
mod keys;
mod label;
mod purpose;
mod sealer;
#[cfg(test)]
mod tests;

pub use generation::{Generation, KeyId};
pub use keys::Keys;
pub use label::InstanceLabel;
pub use purpose::SealPurpose;
pub use sealer::{OVERHEAD, OpenError, Sealer};
