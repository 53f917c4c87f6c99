//! Signing keys: how they are made, which one signs, which are published.

mod key_ring;
mod pool;
mod publish;
mod signing_key;
mod weak;

pub(crate) use key_ring::KeyRing;
pub use key_ring::KeyRoll;
pub(crate) use pool::{FOREIGN_KEY, ec_key, pooled};
pub(crate) use publish::{CLOUD_INSTANCE_NAME, KeyScope, jwk};
pub(crate) use signing_key::{KeyError, SigningKey, der_element};
pub(crate) use weak::{WEAK_KEY_LENGTH, weak_modulus, weak_signature};
