//! Sign-in with Microsoft Entra ID, or any OpenID provider, for Actix-web applications.
//!
//! What attackers try, and the test that refuses it, is in `docs/abuse.md` beside this crate's source;
//! `docs/certification.md` names, for each module of OpenID's certification plans for relying parties,
//! the test that covers it.

pub mod acquisition;
pub mod client_auth;
pub mod clock;
pub mod config;
pub mod grant;
pub mod graph;
pub mod observe;
pub mod policy;
pub mod provider;
pub mod random;
pub mod seal;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod store;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
pub mod validation;
pub mod web;

pub use config::Config;
pub use policy::{BearerPolicy, Policy, bearer, group, role, user};
pub use session::UserSnapshot;
pub use sign_in::Admission;
pub use validation::UserKey;
pub use web::{
    AppRole, ApplicationSession, Auth, AuthBuilder, BodyPace, Caller, DownstreamError, Graph,
    HasRole, HeadBounds, InstanceName, Main, Pages, Revoke, StartError, User,
};
