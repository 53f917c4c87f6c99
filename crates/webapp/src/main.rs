//! The web application.

fn main() {}
