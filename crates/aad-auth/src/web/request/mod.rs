//! What a request is and carries, read strictly. Nothing here knows of an instance.

pub(in crate::web) mod bearer;
mod body_pace;
pub(in crate::web) mod cookies;
pub(in crate::web) mod csrf;
pub(in crate::web) mod device;
pub(in crate::web) mod genuine_cookies;
mod head_bounds;
pub(in crate::web) mod kind;
mod outward;
pub(in crate::web) mod paced_body;
mod paced_service;

pub use body_pace::BodyPace;
pub use head_bounds::HeadBounds;
pub use kind::{RequestKind, request_kind};
pub use paced_service::PacedService;

pub(in crate::web) use head_bounds::HeadTooLarge;
pub(in crate::web) use outward::Outward;
