//! Public keys as entries of a JSON Web Key Set (RFC 7517).

use super::SigningKey;
use crate::members::Members;

/// The protocol version of a key set, which decides the members of its entries.
pub(crate) enum KeyScope {
    /// v2: the issuer for which the keys sign (a template or a concrete issuer).
    Issuer(String),
    /// v1: the entries have neither `issuer` nor `cloud_instance_name`.
    Legacy,
}

/// Builds one entry of a key set, without `alg`, as the platform does.
pub(crate) fn jwk(key: &SigningKey, scope: &KeyScope) -> Members {
    let mut entry = Members::default();
    entry.set("kty", "RSA");
    entry.set("use", "sig");
    entry.set("kid", &key.kid);
    entry.set("x5t", &key.kid);
    entry.set("n", &key.modulus);
    entry.set("e", &key.exponent);
    entry.set("x5c", [&key.certificate]);
    if let KeyScope::Issuer(issuer) = scope {
        entry.set("cloud_instance_name", CLOUD_INSTANCE_NAME);
        entry.set("issuer", issuer);
    }
    entry
}

/// Clients compare this member of a key with that of the discovery document.
pub(crate) const CLOUD_INSTANCE_NAME: &str = "emulator.invalid";
