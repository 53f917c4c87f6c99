//! What the pages show: one view model a template, filled by the handlers.

pub mod claims;
pub mod dictionary;
pub mod graph;
pub mod home;
pub mod layout;
pub mod message;
pub mod moment;
pub mod site;

pub use layout::{Layout, Notice, Person, Viewer};
pub use message::Message;
pub use moment::Moment;
pub use site::Site;
