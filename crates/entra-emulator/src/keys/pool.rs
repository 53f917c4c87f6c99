//! Keys shared by all emulators of one process: making an RSA key costs a tenth of a second, starting must not.

use std::sync::{Arc, Mutex, OnceLock};

use jsonwebtoken::EncodingKey;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};

use super::{KeyError, SigningKey};
use crate::sync::lock;

/// The pool's number of the key that no emulator publishes: the attacker's.
pub(crate) const FOREIGN_KEY: usize = usize::MAX;

type Numbered = Vec<(usize, Arc<SigningKey>)>;

/// The key with this number, made when first asked for.
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

/// An elliptic-curve key, for tokens of another algorithm than the platform's.
pub(crate) fn ec_key() -> Result<EncodingKey, KeyError> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes())?)
}
