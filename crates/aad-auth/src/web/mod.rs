//! The Actix side: routes, middleware, guards, extractors, the 401 contract. Each room uses only
//! those above it in this list.

mod request;

mod pages;

mod instance;

mod answers;

mod access;

mod routes;

mod start;

mod application;

#[cfg(fuzzing)]
pub mod fuzzing;

pub use access::{
    AccessError, AppRole, ApplicationSession, AuthMiddleware, Caller, DownstreamError,
    DownstreamErrorKind, DownstreamToken, Graph, Guard, HasRole, Tokens, User,
};
pub use application::{Metrics, Status, UserSessions};
pub use instance::{Auth, InstanceConflict, InstanceName, Main};
pub use pages::{Action, Look, LookError, PageKind, PageModel, Pages, Support};
pub use request::{BodyPace, HeadBounds, RequestKind, request_kind};
pub use start::{AuthBuilder, StartError};
