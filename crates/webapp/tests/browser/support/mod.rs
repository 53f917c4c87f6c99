//! What the tests share.

mod browser;
mod chromedriver;
mod wire;
mod world;

use std::net::TcpListener;

pub(crate) use browser::{Browser, open_browser};
pub(crate) use world::{ADA, NOOR, World};

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
