//! Sign-in and sign-out: attempts sealed in `state`, the callback, the end of a session.

mod attempt;
mod browser;

pub use attempt::{
    Attempt, AttemptPurpose, AttemptSealer, BrowserDigest, LIFE, MAX_STATE, TransactionId,
    code_verifier, nonce,
};
pub use browser::Browser;
