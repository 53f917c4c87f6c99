//! What the tests share.

mod browser;
mod chromedriver;
mod wire;
mod world;

pub(crate) use browser::{Browser, open_browser};
pub(crate) use world::{ADA, NOOR, World};
