//! Token validation: header, key, signature, typed claims, rules.
