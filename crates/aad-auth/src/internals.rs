//! The private rooms, for this repository's own tests, benches and fuzz targets.
//!
//! Nothing here is covered by semantic versioning: applications do not enable the feature
//! `unstable-internals`.

use std::{sync::Arc, time::Duration};

use crate::{acquisition::Acquirer, session::Session, sign_in::Engine, validation::VerifiedClaims};

pub mod acquisition {
    pub use crate::acquisition::*;
}
pub mod client_auth {
    pub use crate::client_auth::*;
}
pub mod clock {
    pub use crate::clock::*;
}
pub mod config {
    pub use crate::config_room::*;
}
pub mod grant {
    pub use crate::grant::*;
}
pub mod graph {
    pub use crate::graph::*;
}
pub mod observe {
    pub use crate::observe::*;
}
pub mod policy {
    pub use crate::policy_room::*;
}
pub mod provider {
    pub use crate::provider::*;
}
pub mod random {
    pub use crate::random::*;
}
pub mod seal {
    pub use crate::seal::*;
}
pub mod secret {
    pub use crate::secret::*;
}
pub mod session {
    pub use crate::session_room::*;
}
pub mod sign_in {
    pub use crate::sign_in::*;
}
pub mod store {
    pub use crate::store_room::*;
}
pub mod transport {
    pub use crate::transport::*;
}
pub mod validation {
    pub use crate::validation::*;
}
pub mod web {
    pub use crate::web::*;
}

/// Limits of sessions, of which the public type has no constructor.
pub const fn session_limits(
    idle: Duration,
    max: Duration,
    per_user: Option<usize>,
) -> crate::session::SessionLimits {
    crate::session::SessionLimits {
        idle,
        max,
        per_user,
    }
}

/// Why the provider's last load failed, which the public figures do not tell.
pub const fn last_error(
    state: &crate::provider::ProviderState,
) -> Option<&crate::provider::LoadError> {
    state.last_error.as_ref()
}

/// What an instance is made of.
pub trait AuthInternals {
    /// Sign-in and sign-out.
    fn engine(&self) -> &Arc<Engine>;
    /// Tokens for downstream APIs.
    fn acquirer(&self) -> &Arc<Acquirer>;
}

impl AuthInternals for crate::Auth {
    fn engine(&self) -> &Arc<Engine> {
        Self::engine(self)
    }

    fn acquirer(&self) -> &Arc<Acquirer> {
        Self::acquirer(self)
    }
}

/// What an access token is made of.
pub trait TokenInternals {
    /// The verified claims.
    fn verified(&self) -> &VerifiedClaims;
}

impl TokenInternals for crate::AccessToken {
    fn verified(&self) -> &VerifiedClaims {
        Self::verified(self)
    }
}

/// What a user is made of.
pub trait UserInternals {
    /// The session.
    fn session(&self) -> &Arc<Session>;
}

impl<I> UserInternals for crate::User<I> {
    fn session(&self) -> &Arc<Session> {
        Self::session(self)
    }
}
