//! Parsed, validated, immutable configuration, and the only reader of the environment.
