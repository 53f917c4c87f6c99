//! A thin Actix-web application that mounts `aad-auth` and shows its capabilities.
//!
//! It has pages, styles, headers and the settings of the listener, and no protocol code.

pub mod app;

pub mod assets;
pub mod auth_pages;
pub mod certificate;
pub mod dotenv;
#[cfg(feature = "emulator")]
pub mod emulator;
#[cfg(not(feature = "emulator"))]
#[path = "no_emulator.rs"]
pub mod emulator;
pub mod error_pages;
pub mod handlers;
pub mod headers;
pub mod health;
pub mod listen;
pub mod loopback;
pub mod metrics;
mod metrics_text;
pub mod notices;
pub mod pages;
mod random_name;
mod reading;
pub mod request_log;
pub mod server;
pub mod settings;
pub mod telemetry;
pub mod views;
