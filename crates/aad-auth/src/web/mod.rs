//! The Actix side: routes, middleware, guards, extractors, the 401 contract.

mod answer;
mod bearer;
mod bearer_answer;
mod builder;
mod caller;
mod challenge;
mod csrf;
mod extract;
mod generated_secret;
mod guard;
mod instance_name;
mod interstitial;
mod middleware;
mod mount;
mod neighbours;
mod open_keys;
mod open_store;
mod open_transport;
mod pages;
mod refusal_page;
mod request_cookies;
mod request_kind;
mod routes;
mod state;
mod status;

pub use builder::{AuthBuilder, StartError};
pub use caller::Caller;
pub use extract::{AppRole, HasRole, Unauthenticated, User};
pub use guard::{Guard, GuardService};
pub use instance_name::{InstanceName, Main};
pub use middleware::{AuthMiddleware, AuthService};
pub use mount::Auth;
pub use neighbours::InstanceConflict;
pub use pages::{Action, PageKind, PageModel, Pages, Support};
pub use request_kind::{RequestKind, request_kind};
pub use status::Status;
