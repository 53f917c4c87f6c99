//! The signed-in session: a random id in a cookie, a sealed record in the store, its life cycle.

mod app_data;
mod cache;
mod freshness;
mod id;
mod index;
mod lifecycle;
mod limits;
mod news;
mod record;
mod registry;
#[cfg(test)]
mod tests;
mod user;
mod vault;

pub use app_data::AppData;
pub use id::{SessionDigest, SessionId};
pub(crate) use id::{instance_key, store_key};
pub use index::SessionEntry;
pub use lifecycle::{NewSession, Sessions};
pub use limits::SessionLimits;
pub use record::Session;
pub use user::{DisplayName, Memberships, UserSnapshot};
pub use vault::{TokenSet, Vault, Vaulted};
