//! What the tests share.

mod deployment;
mod fleet;
mod proxy;
mod webapp;

pub use deployment::{OPERATOR, deployment};
pub use fleet::{Fleet, NEWER_SECRET, SECRET};
pub use proxy::Proxy;
pub use webapp::{PROGRAM, Settings, Webapp, ask, await_until, free_port};

pub const ADA: &str = "ada@northwind.example.test";
