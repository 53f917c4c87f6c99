//! The signed-in session: a random id in a cookie, a sealed record in the store.

mod app_data;
mod app_data_limit;
mod clock_watch;
#[cfg(test)]
mod contention_tests;
mod create;
mod decoded_sessions;
mod end_watch;
mod ending;
#[cfg(test)]
mod ending_tests;
mod future_times;
#[cfg(test)]
mod future_times_tests;
#[cfg(fuzzing)]
pub mod fuzzing;
mod id;
mod idle_timeout;
mod index;
mod index_room;
mod index_updates;
#[cfg(test)]
mod limit_tests;
mod limits;
mod load;
mod record;
mod record_write;
mod refresh_lease;
mod refresh_time;
#[cfg(test)]
mod replacement_tests;
mod retirement;
mod revocation;
mod session_cache;
mod sessions;
mod status;
#[cfg(test)]
mod tests;
mod user;
mod user_completion;
mod user_update;
mod vault;
mod void_mark;
mod watchers;

pub(crate) use app_data::DataOwner;
pub use app_data::MAX_APP_DATA;
pub use app_data_limit::MAX_APP_DATA_PER_USER;
pub use create::NewSession;
pub use end_watch::SessionEnd;
pub use ending::ProviderSession;
pub use id::{SessionDigest, SessionId};
pub(crate) use id::{instance_key, store_key};
pub use index::SessionEntry;
pub use limits::SessionLimits;
pub use record::Session;
pub(crate) use refresh_lease::RefreshLease;
pub use sessions::Sessions;
pub use user::{DisplayName, Memberships, UserSnapshot};
pub use vault::{TokenSet, Vault, Vaulted};
