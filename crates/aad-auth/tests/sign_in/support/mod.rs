//! What the tests share.

mod apis;
mod app;
mod browser;
mod fleet;
pub mod two;

pub use apis::{PERMISSION, SCOPE};
pub use app::{App, CLIENT, CLIENT_SECRET, TENANT, World};
pub use browser::{Browser, Page};
pub use fleet::{Fleet, NEWER_SECRET, SECRET};

/// Users of the emulator's directory.
pub const ADA: &str = "ada@northwind.example.test";
pub const ROBIN: &str = "robin@northwind.example.test";
