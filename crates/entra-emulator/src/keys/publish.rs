use super::SigningKey;
use crate::members::Members;

/// For whom a key set is published, which decides the members of its entries (`entra.md` 1.4).
pub(crate) enum KeyScope {
    /// v2: the issuer for which the keys may sign (a template, or concrete).
    Issuer(String),
    /// v1: no `issuer` and no cloud.
    Legacy,
}

/// One entry of the key set. There is no `alg`: the platform has none.
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

/// As in the discovery document: key and document must agree.
pub(crate) const CLOUD_INSTANCE_NAME: &str = "emulator.invalid";
