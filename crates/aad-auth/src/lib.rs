#![doc = include_str!("../docs/guide.md")]
// This file is the public face: what is not named here is not public. `docs/public-api.txt` is its
// reviewed listing (`scripts/public-api`). Rooms are private modules; where a public module has the
// name of a room, it lists the public items and lends the others to the crate.
#![warn(missing_docs)]
#![cfg_attr(
    not(feature = "unstable-internals"),
    allow(
        unreachable_pub,
        reason = "`pub` in a private room: what `internals` shows to tests"
    )
)]

mod acquisition;
mod client_auth;
mod clock;
#[path = "config/mod.rs"]
mod config_room;
mod grant;
mod graph;
#[cfg(feature = "unstable-internals")]
#[doc(hidden)]
pub mod internals;
mod observe;
#[path = "policy/mod.rs"]
mod policy_room;
mod provider;
mod random;
mod seal;
mod secret;
#[path = "session/mod.rs"]
mod session_room;
mod sign_in;
#[path = "store/mod.rs"]
mod store_room;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod validation;
mod web;

#[doc(inline)]
pub use config::Config;
#[doc(inline)]
pub use policy::{BearerPolicy, Policy, bearer, group, role, user};
#[doc(inline)]
pub use session::UserSnapshot;
pub use sign_in::Admission;
pub use validation::{AccessToken, BadUserKey, CallerKind, Oid, Sub, Tid, UserKey};
pub use web::{
    AccessError, AppRole, ApplicationSession, Auth, AuthBuilder, AuthMiddleware, BodyPace, Caller,
    DownstreamError, Graph, Guard, HasRole, HeadBounds, InstanceConflict, InstanceName, Look,
    LookError, Main, StartError, Tokens, User,
};

/// Settings: for `main`, and for applications that add settings of their own.
///
/// ```
/// use aad_auth::config::{Config, Source};
///
/// let source = Source::new()
///     .with("AAD_TENANT_ID", "11110000-aaaa-4bbb-8ccc-000000000001")
///     .with("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000001")
///     .with("AAD_CLIENT_SECRET", "a~secret")
///     .with("AAD_BASE_URL", "http://localhost:5000");
/// let config = Config::parse(&source)?;
/// assert_eq!(config.redirect_uri(), "http://localhost:5000/auth/redirect");
/// # Ok::<_, aad_auth::config::ConfigError>(())
/// ```
pub mod config {
    pub(crate) use crate::config_room::*;
    pub use crate::config_room::{
        AllowedTenants, Authority, AuthorityKind, BadStoreUrl, BaseUrl, ClaimPath, ClientAuth,
        Config, ConfigBuilder, ConfigError, CookieNames, EndpointHosts, Group, Guid, Problem,
        ResolverError, ResponseMode, ReturnTo, RolesClaim, SETTINGS, Setting, SigningAlgorithms,
        Source, StoreUrl, Tenant, TenantResolver, check_state_dir, default_state_dir, env,
        file_permissions, is_local, new_session_secret, setting,
    };
    pub use crate::secret::{ExposeSecret, Secret};
}

/// Policies: which callers a guard lets in, and the decision about one caller.
///
/// ```
/// use aad_auth::{bearer, role, user};
///
/// let staff = user() & role("Staff");
/// let reports = role("Admin") | bearer().scope("Reports.Read");
/// assert!(!staff.admits_bearer() && reports.admits_bearer());
/// ```
pub mod policy {
    pub use crate::policy_room::{
        BearerPolicy, Decision, Missing, Policy, Principal, bearer, group, role, user,
    };
}

/// Sessions: what they remember of the user, which ones there are, and how they end.
pub mod session {
    pub use crate::clock::Timestamp;
    pub use crate::secret::Pii;
    pub(crate) use crate::session_room::*;
    pub use crate::session_room::{
        DisplayName, MAX_APP_DATA, MAX_APP_DATA_PER_USER, Memberships, SessionEnd, SessionEntry,
        SessionLimits, UserSnapshot,
    };
    pub use crate::web::UserSessions;
}

pub mod store {
    #![doc = include_str!("../docs/store.md")]

    pub use crate::clock::{Clock, SystemClock, Timestamp};
    pub(crate) use crate::store_room::*;
    pub use crate::store_room::{
        Created, DEFAULT_CAPACITY, Key, MAX_KEY, MAX_MEMBER, MAX_MEMBER_VALUE, MAX_MEMBERS,
        MAX_VALUE, Member, MemoryStore, Record, Store, StoreError, StoreFuture, StoreHealth,
        StoreStats, Updated, Version, check_member, check_value, clamp_life,
    };
    #[cfg(feature = "file")]
    pub use crate::store_room::{FileOptions, FileStore};
    #[cfg(feature = "redis")]
    pub use crate::store_room::{RedisOptions, RedisStore};
}

/// The crate's pages in the application's look.
pub mod pages {
    pub use crate::web::{Action, PageKind, PageModel, Pages, RequestKind, Support, request_kind};
}

/// Why a call to a downstream API failed, and what it answered.
pub mod downstream {
    pub use crate::acquisition::AcquireError;
    pub use crate::graph::{GraphAnswer, GraphError};
    pub use crate::provider::Fault;
    pub use crate::transport::TransportError;
    pub use crate::web::{DownstreamErrorKind, DownstreamToken};
}

/// Figures for a monitoring system.
pub mod metrics {
    pub use crate::observe::EventCounts;
    pub use crate::provider::{ProviderState, ProviderTotals};
    pub use crate::store_room::StoreStats;
    pub use crate::transport::TransportState;
    pub use crate::web::{Metrics, Status};
}
