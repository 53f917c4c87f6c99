//! Short random names: of requests, and of this process among its replicas.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// `N` random bytes in base64url. Without randomness, which aws-lc documents as impossible on supported
/// systems, an empty name: it protects nothing.
pub(crate) fn random_name<const N: usize>() -> String {
    let mut bytes = [0; N];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => URL_SAFE_NO_PAD.encode(bytes),
        Err(_) => String::new(),
    }
}
