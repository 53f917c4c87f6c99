//! Who reaches a handler, and what it learns of the caller: middleware, guards and extractors.

pub(in crate::web) mod application_session;
mod caller;
mod downstream_error;
mod extractors;
mod gate;
mod graph;
mod guard;
mod middleware;
pub(in crate::web) mod own_session;
mod stream;
mod tokens;

pub use application_session::ApplicationSession;
pub use caller::Caller;
pub use downstream_error::{DownstreamError, DownstreamErrorKind};
pub use extractors::{AccessError, AppRole, HasRole, User};
pub use graph::Graph;
pub use guard::Guard;
pub use middleware::AuthMiddleware;
pub use tokens::{DownstreamToken, Tokens};
