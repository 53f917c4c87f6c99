//! View models: one for each template, filled by the handlers.

pub mod claims;
pub mod dictionary;
pub mod graph;
pub mod home;
pub mod layout;
pub mod message;
pub mod moment;
pub mod person;
pub mod site;
pub mod theme;

pub use layout::{Layout, Notice, Viewer};
pub use message::Message;
pub use moment::Moment;
pub use person::Person;
pub use site::Site;
pub use theme::Theme;
