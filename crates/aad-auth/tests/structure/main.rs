//! What no compiler checks: the order of the layers, and the tables that name tests.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod circles;
mod documents;
mod examples;
mod face;
mod layers;
mod names;
mod source;
mod syntax;
mod tables;
mod web_rooms;
