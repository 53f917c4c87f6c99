//! Tokens for a downstream API: what is refused, what is refreshed, and who is rechecked.

mod circuit;
mod crowd;
mod graph;
mod recheck;
mod refresh;
mod refuses;
mod shared;
mod slow_neighbours;
mod support;
