//! RSA keys shared by all emulators of one process, because making one takes a tenth of a second.

use std::sync::{Arc, Mutex, OnceLock};

use jsonwebtoken::EncodingKey;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};

use super::{KeyError, SigningKey};
use crate::sync::lock;

/// The pool's number of the attacker's key, which no emulator publishes.
pub(crate) const FOREIGN_KEY: usize = usize::MAX;

type Numbered = Vec<(usize, Arc<SigningKey>)>;

/// Returns the key with this number; makes it at the first call.
pub(crate) fn pooled(number: usize) -> Result<Arc<SigningKey>, KeyError> {
    static POOL: OnceLock<Mutex<Numbered>> = OnceLock::new();
    let mut pool = lock(POOL.get_or_init(Mutex::default));
    if let Some((_, key)) = pool.iter().find(|(known, _)| *known == number) {
        return Ok(Arc::clone(key));
    }
    let key = Arc::new(SigningKey::generate()?);
    pool.push((number, Arc::clone(&key)));
    Ok(key)
}

/// Makes an elliptic-curve key, for tokens whose algorithm the platform does not use.
pub(crate) fn ec_key() -> Result<EncodingKey, KeyError> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes())?)
}
