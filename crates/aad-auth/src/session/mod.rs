//! The signed-in session: a random id in a cookie, a sealed record in the store, its life cycle.

mod ahead;
#[cfg(test)]
mod ahead_tests;
mod app_data;
mod cache;
mod clock_watch;
#[cfg(test)]
mod contention_tests;
mod decoded;
mod ending;
#[cfg(test)]
mod ending_tests;
mod freshness;
#[cfg(fuzzing)]
pub mod fuzzing;
mod id;
mod index;
mod lease;
mod lifecycle;
#[cfg(test)]
mod limit_tests;
mod limits;
mod news;
mod record;
mod registry;
#[cfg(test)]
mod replacement_tests;
mod retirement;
mod revocation;
mod room;
mod standing;
#[cfg(test)]
mod tests;
mod user;
mod vault;
mod watch;

pub(crate) use app_data::DataOwner;
pub use app_data::{MAX_APP_DATA, MAX_APP_DATA_PER_USER};
pub use ending::ProviderSession;
pub use id::{SessionDigest, SessionId};
pub(crate) use id::{instance_key, store_key};
pub use index::SessionEntry;
pub(crate) use lease::RefreshLease;
pub use lifecycle::{NewSession, Sessions};
pub use limits::SessionLimits;
pub use record::Session;
pub use user::{DisplayName, Memberships, UserSnapshot};
pub use vault::{TokenSet, Vault, Vaulted};
pub use watch::SessionEnd;
