//! The whole application in a real browser: Chromium, driven by WebDriver. The pages are at
//! `localhost` and the provider at `127.0.0.1`, which are two sites for a browser, as in real life.
//!
//! Without `chromium` and `chromedriver` on the `PATH` these tests say so and pass; with
//! `AAD_TEST_ALL=1` that is a failure.
#![cfg(all(unix, feature = "emulator"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "test code"
)]

mod appearance;
#[path = "../processes/proxies/certificate.rs"]
mod certificate;
mod history;
mod over_https;
mod pages;
mod plain_pages;
mod proxies;
#[path = "../processes/proxies/proxy.rs"]
mod proxy;
mod service_worker;
mod sign_out;
mod support;
mod tabs;
