//! Tokens for a downstream API: what is refused, what is refreshed, and who is rechecked.

mod graph;
mod recheck;
mod refresh;
mod refuses;
mod shared;
mod support;
