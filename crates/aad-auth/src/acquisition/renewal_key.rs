//! Keys and outcomes of the single flight of renewals.

use std::sync::Arc;

use super::AcquireError;
use crate::session::{SessionDigest, Vaulted};

/// The outcome of a renewal, which all waiting requests share.
pub(super) type RenewalOutcome = Result<Arc<Vaulted>, AcquireError>;

/// The session and the resource whose tokens are renewed.
pub(super) type RenewalKey = (SessionDigest, TokenResource);

/// The resource that an access token is for. Tokens of further resources get variants of their own.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(super) enum TokenResource {
    /// The API whose scopes the sign-in requested.
    SignIn,
}
